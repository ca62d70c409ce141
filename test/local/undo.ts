/** What must be undone, the last first. */
export type Undo = {
  add(name: string, run: () => Promise<unknown>): void;
  /** Runs every step to its end; one that fails is reported and stops no other. */
  run(report: (text: string) => void): Promise<void>;
};

/** An empty list of things to undo. */
export function createUndo(): Undo {
  const steps: { readonly name: string; readonly run: () => Promise<unknown> }[] = [];
  return {
    add: (name, run) => void steps.push({ name, run }),
    async run(report) {
      for (const { name, run } of steps.splice(0).reverse()) {
        await run().catch((error: unknown) => report(`${name} did not stop properly: ${String(error)}`));
      }
    },
  };
}

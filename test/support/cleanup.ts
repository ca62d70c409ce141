import type { TestContext } from 'node:test';

const stacks = new WeakMap<TestContext, (() => unknown)[]>();

/**
 * Undoes something after the test, the latest first: a cluster is stopped before the stores it writes to. (The runner's own
 * `t.after` begins with the first.)
 */
export function undoAfter(t: TestContext, undo: () => unknown): void {
  const known = stacks.get(t);
  if (known) {
    known.push(undo);
    return;
  }
  const stack = [undo];
  stacks.set(t, stack);
  t.after(async () => {
    for (const next of stack.reverse()) await next();
  });
}

import { after, before, describe, type TestContext, test } from 'node:test';
import { type Mode, openStage, type Stage } from './stage.ts';

/** One thing that happens on the wire, and what must be true afterwards; the same in both modes. */
export type Story = {
  readonly name: string;
  readonly play: (t: TestContext, stage: Stage) => Promise<void>;
  /** Only told in this mode: it needs what the other has not. */
  readonly only?: Mode;
};

/** Collects stories: `story('a sentence', async (t, stage) => ...)`. */
export function storybook(): {
  readonly stories: readonly Story[];
  story(name: string, play: Story['play'], only?: Mode): void;
} {
  const stories: Story[] = [];
  return { stories, story: (name, play, only) => void stories.push(only ? { name, play, only } : { name, play }) };
}

/** Plays all stories on one stage of the mode, several at a time: they share nothing but the system. */
export function playAll(mode: Mode, chapters: Readonly<Record<string, readonly Story[]>>): void {
  describe(mode, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage(mode);
    });
    after(() => stage?.close());
    for (const [chapter, stories] of Object.entries(chapters)) {
      describe(chapter, { concurrency: 8 }, () => {
        for (const { name, play } of stories.filter(({ only = mode }) => only === mode))
          test(name, { timeout: 600_000 }, (t) => play(t, stage));
      });
    }
  });
}

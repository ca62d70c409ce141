type Answer = {
  readonly data: {
    readonly activeTargets?: readonly { readonly health: string; readonly labels: { readonly job: string } }[];
    readonly groups?: readonly unknown[];
  };
};

/** The job of every target that was scraped well, in order of the alphabet. */
export async function jobsUp(prometheusUrl: string): Promise<readonly string[]> {
  const { activeTargets = [] } = (await ask(prometheusUrl, 'targets')).data;
  return activeTargets
    .filter(({ health }) => health === 'up')
    .map(({ labels }) => labels.job)
    .toSorted();
}

/** How many groups of rules it has read. */
export async function ruleGroups(prometheusUrl: string): Promise<number> {
  return (await ask(prometheusUrl, 'rules')).data.groups?.length ?? 0;
}

async function ask(prometheusUrl: string, path: string): Promise<Answer> {
  return (await (await fetch(`${prometheusUrl}/api/v1/${path}`)).json()) as Answer;
}

import { createFailedLogins } from './failed-logins.ts';
import { createTokenBucket } from './token-bucket.ts';

/** Why an upgrade is not even looked at. */
export type AdmissionRefusal = 'draining' | 'failed-logins' | 'rate-limited' | 'busy';

/** Why not, and when to try again. */
export type Refused = { readonly refusal: AdmissionRefusal; readonly retryAfterSeconds: number };

/** The gate before authentication: what it lets through is authenticated, the rest comes back later. */
export type Admission = {
  /** Undefined = come in, and `leave` must follow. */
  enter(address: string): Refused | undefined;
  /** Authentication ended; `failed` = with wrong credentials. Who may not connect all the same comes too late. */
  leave(address: string, failed: boolean): Refused | undefined;
  /** From now on everybody is refused. */
  drain(): void;
};

export type AdmissionOptions = {
  readonly upgradesPerSecond: number;
  readonly maxAuthentications: number;
  readonly failedLoginsPerMinute: number;
  /** 0 to 1; default Math.random. */
  readonly random?: () => number;
};

/** Seconds after which chargers refused together come back, spread evenly in between. */
const RETRY_SECONDS = { draining: [1, 10], 'rate-limited': [2, 15], busy: [2, 15], 'failed-logins': [60, 90] } as const;

/** A token bucket of two seconds' burst, a bound on authentications under way, and a bound on guessing. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { random = Math.random } = options;
  const bucket = createTokenBucket(options.upgradesPerSecond, 2 * options.upgradesPerSecond);
  const failedLogins = createFailedLogins(options.failedLoginsPerMinute);
  let underWay = 0;
  let draining = false;

  function refusalOf(address: string): AdmissionRefusal | undefined {
    if (draining) return 'draining';
    if (failedLogins.isBlocked(address)) return 'failed-logins';
    if (underWay >= options.maxAuthentications) return 'busy';
    return bucket.take() > 0 ? 'rate-limited' : undefined;
  }

  function refused(refusal: AdmissionRefusal): Refused {
    const [soonest, latest] = RETRY_SECONDS[refusal];
    return { refusal, retryAfterSeconds: soonest + Math.floor(random() * (latest - soonest + 1)) };
  }

  return {
    enter(address) {
      const refusal = refusalOf(address);
      if (refusal) return refused(refusal);
      underWay += 1;
      return undefined;
    },
    leave(address, failed) {
      underWay -= 1;
      if (failed) failedLogins.failed(address);
      return draining ? refused('draining') : undefined;
    },
    drain() {
      draining = true;
    },
  };
}

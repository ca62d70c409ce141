/** Jobs of the message log that may wait, of 500 frames each; what comes then is dropped and counted by who sends it. */
export const MOST_LOG_JOBS = 200;

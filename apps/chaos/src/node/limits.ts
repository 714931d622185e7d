/** Of each address at each process: far more than the people need, who share one. */
export const LIMIT = { requestsPerMinute: 3_000, burst: 100 } as const

/** Addresses that a process keeps in mind. */
export const MAX_ADDRESSES = 1_000

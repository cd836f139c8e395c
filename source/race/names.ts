/** In the order in which they run, and stand on the screen. */
export const modelNames = ['serial', 'threads', 'processes', 'coroutines', 'messages'] as const;
export type ModelName = (typeof modelNames)[number];

/** What the pages cost: waiting, parsing, or both. */
export const workNames = ['io', 'cpu', 'mixed'] as const;
export type WorkName = (typeof workNames)[number];

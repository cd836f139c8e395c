/** What the engine itself needs to know. Everything else (timeouts, headers, folders) belongs to the parts it is handed. */
export type Settings = {
	/** Tasks running at once, 1 to 512. */
	concurrency: number;
	/** Tasks running at once per host; `Infinity` for no limit. */
	perHost: number;
	/** Further tries after the first. */
	retries: number;
};

export const maxConcurrency = 512;

export const defaultSettings: Readonly<Settings> = {concurrency: 8, perHost: Number.POSITIVE_INFINITY, retries: 4};

import type {Limits} from './events.ts';

/** What the engine itself needs to know. Everything else (timeouts, headers, folders) belongs to the parts it is handed. */
export type Settings = {
	/** Tasks running at once, 1 to 512. */
	concurrency: number;
	/** Tasks running at once per host; `Infinity` for no limit. */
	perHost: number;
	/** Task starts a second; `Infinity` for no limit. */
	rate: number;
	/** Bytes a second, all tasks together; `Infinity` for no limit. */
	limitRate: number;
	/** Bytes a second below which a connection is given up and the rest asked for anew; 0 for none. */
	minSpeed: number;
	/** Fetch a URL as often as it is listed. */
	duplicates: boolean;
	/** Further tries after the first. */
	retries: number;
	/** Connections for one large body. */
	connections: number;
	/** Bytes of the longest body that is taken; `Infinity` for no limit. */
	maxSize: number;
	/** Only what can be read from pages matters: a body is left as soon as that is known. */
	titlesOnly: boolean;
	/** Ask the server whether what earlier runs finished has changed, instead of skipping it. */
	update: boolean;
	/**
	 * Somebody is there to resume: a full disk pauses the run until there is room, instead of failing one task after the other,
	 * and tasks may begin paused.
	 */
	attended: boolean;
	/** A host that says it is too much (429, 503) is asked on as if it had not. For measuring, where others would not listen either. */
	courtesy?: false;
};

/** What a number may be, and the words for it. */
type Bound = {holds(value: number): boolean; words: string};
const whole = (least: number, most = Number.POSITIVE_INFINITY): Bound => ({
	holds: value => value === most || (Number.isInteger(value) && value >= least && value <= most),
	words:
		most === Number.POSITIVE_INFINITY ? `a whole number from ${least} on` : `a whole number from ${least} to ${most}`,
});
const positive: Bound = {holds: value => value > 0, words: 'a number above 0'};

export const maxConcurrency = 512;

export const maxConnections = 16;

export const defaultSettings: Readonly<Settings> = {
	concurrency: 8,
	perHost: Number.POSITIVE_INFINITY,
	rate: Number.POSITIVE_INFINITY,
	limitRate: Number.POSITIVE_INFINITY,
	minSpeed: 0,
	duplicates: false,
	retries: 4,
	connections: 1,
	maxSize: Number.POSITIVE_INFINITY,
	titlesOnly: false,
	update: false,
	attended: false,
};

const bounds: Readonly<Record<string, Bound>> = {
	concurrency: whole(1, maxConcurrency),
	perHost: whole(1),
	rate: positive,
	limitRate: positive,
	minSpeed: {holds: value => value >= 0, words: 'a number from 0 on'},
	retries: whole(0),
	connections: whole(1, maxConnections),
	maxSize: positive,
};

/** What holds tasks back, as the events tell it. */
export const limitsOf = ({concurrency, perHost, rate, limitRate}: Settings): Limits => ({
	concurrency,
	perHost: finite(perHost),
	rate: finite(rate),
	bandwidth: finite(limitRate),
});

const finite = (limit: number): number | null => (Number.isFinite(limit) ? limit : null);

/** Throws a `TypeError` for a number that no run could make sense of. */
export function checkSettings(settings: Settings): void {
	for (const [name, {holds, words}] of Object.entries(bounds)) {
		const value = settings[name as keyof Settings];
		if (typeof value !== 'number' || !holds(value))
			throw new TypeError(`${name} must be ${words}, not ${String(value)}`);
	}
}

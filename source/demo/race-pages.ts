import {seeded, shuffled} from '../engine/random.ts';
import type {WorkName} from '../race/seams.ts';
import {type PageOf, pages} from './pages.ts';

/** `latency` in milliseconds: of every page in `io`, the median in `mixed`, and of no account in `cpu`. */
export type RaceSiteOptions = {work: WorkName; latency: number; pages?: number; seed: number};

/** Explained where they are answered, in `race-site.ts`. */
const failing = ['missing', 'forbidden', 'faulty', 'circle', 'short', 'reset', 'gibberish'] as const;
const odd = ['moved', 'untitled', 'mislabeled', 'json', 'gzip'] as const;
const ordinary = ['plain', 'legacy', 'heavy'] as const;
export type RaceKind = (typeof failing)[number] | (typeof odd)[number] | (typeof ordinary)[number];

/** A title, and in `legacy` how it is written in an old charset, as the demo's pages have it. */
type Topic = {path: string; title: string};
export type Legacy = Topic & Pick<PageOf<'legacy'>, 'bytes' | 'charset' | 'declared'>;

/** `latency` in milliseconds; `size` in bytes, of the light pages; `variant` says which of the heavy ones it is, and `weight` how heavy, up to 1. */
export type RacePage = Topic & {
	kind: RaceKind;
	/** From 1. */
	number: number;
	latency: number;
	size: number;
	variant: number;
	weight: number;
	legacy?: Legacy;
	/** Where a redirect leads. */
	to?: string;
};

/** Different bodies of heavy pages: enough for no two in a row to be alike, few enough to be kept. */
export const heavyVariants = 12;

/** `Math.exp(spread)` times the median is what one of six pages takes longer than. */
const spread = 0.6;
/** Times the median, at most: longer, and one page would decide a race of hundreds. */
const longest = 5;

/** What a page is, by the place that it has been given among ten. */
type Mix = {
	kinds: readonly (RaceKind | 'failing' | 'odd')[];
	/** Bytes, from and to. */
	sizes: readonly [number, number];
	weight: number;
	/** Where nobody says how many. */
	pages: number;
};

const kB = 1_000;

const mixes: Readonly<Record<WorkName, Mix>> = {
	io: {kinds: ['legacy', 'untitled', ...plain(8)], sizes: [2 * kB, 20 * kB], weight: 1, pages: 60},
	cpu: {kinds: Array<RaceKind>(10).fill('heavy'), sizes: [0, 0], weight: 1, pages: 160},
	// As many as it takes for each way to fail to be there once.
	mixed: {
		kinds: ['failing', 'odd', 'legacy', 'heavy', 'heavy', ...plain(5)],
		sizes: [2 * kB, 60 * kB],
		weight: 0.5,
		pages: 10 * failing.length,
	},
};

function plain(count: number): RaceKind[] {
	return Array<RaceKind>(count).fill('plain');
}

const topics: readonly Topic[] = pages.filter(page => page.kind === 'page');
/** What comes out otherwise in another charset. */
const foreign = topics.filter(({title}) => /[^\p{ASCII}]/u.test(title));
const legacies: readonly Legacy[] = [
	...pages.filter(page => page.kind === 'legacy'),
	// The bytes spell 京都の紅葉、今週が見頃 in Shift_JIS.
	{
		path: '/jp/kyoto.html',
		title: '京都の紅葉、今週が見頃',
		bytes: '8b9e937382cc8d67977481418da18f5482aa8ca98da0',
		charset: 'shift_jis',
		declared: 'meta',
	},
];

/**
 * All pages of a race, in order. Each is a pure function of the work, the seed and its place, and so is its answer: whoever asks,
 * how often, and after what else, it is the same.
 */
export function racePages({work, latency, seed, pages = mixes[work].pages}: RaceSiteOptions): RacePage[] {
	return Array.from({length: pages}, (_, index) => pageAt(index, {work, latency, seed}));
}

function pageAt(index: number, {work, latency, seed}: Omit<RaceSiteOptions, 'pages'>): RacePage {
	const {sizes, weight} = mixes[work];
	const random = randomOf(seed, 2 * index + 1);
	const number = index + 1;
	const kind = kindAt(index, work, seed);
	const legacy = kind === 'legacy' ? pick(legacies, random) : undefined;
	const topic = legacy ?? pick(kind === 'mislabeled' ? foreign : topics, random);
	const [least, most] = sizes;
	return {
		kind,
		number,
		path: pathOf(topic, kind, number),
		title: `${topic.title} (${number})`,
		latency: latencyOf(work, latency, random),
		size: least === 0 ? 0 : Math.round(least * (most / least) ** random()),
		variant: Math.floor(random() * heavyVariants),
		weight,
		...(legacy && {legacy}),
		...(kind === 'moved' && {to: pathOf(topic, 'plain', number)}),
	};
}

/** Of ten in a row, each time as many are of each kind, in another order; who fails, and how, takes turns. */
function kindAt(index: number, work: WorkName, seed: number): RaceKind {
	const ten = Math.floor(index / 10);
	const kind = shuffled(mixes[work].kinds, randomOf(seed, 2 * ten))[index % 10] ?? 'plain';
	if (kind === 'failing') return inTurn(failing, ten, seed);
	return kind === 'odd' ? inTurn(odd, ten, seed) : kind;
}

const inTurn = <Kind>(kinds: readonly Kind[], turn: number, seed: number): Kind =>
	shuffled(kinds, seeded(seed))[turn % kinds.length] as Kind;

/** Numbers of their own for each stream of a seed: streams of neighbors must not be the same one, a step apart. */
const randomOf = (seed: number, stream: number): (() => number) => seeded(seed ^ Math.imul(stream + 1, 0x9e37_79b1));

const pick = <Item>(items: readonly Item[], random: () => number): Item =>
	items[Math.floor(random() * items.length)] as Item;

/** `/blog/uplink-17.html`, and `/reset/blog/uplink-17.html` if something is the matter with it. */
function pathOf({path}: Topic, kind: RaceKind, number: number): string {
	const isOrdinary = (ordinary as readonly RaceKind[]).includes(kind);
	const name = path.replace(/\.html$/, `-${number}.${kind === 'json' ? 'json' : 'html'}`);
	return isOrdinary ? name : `/${kind}${name}`;
}

function latencyOf(work: WorkName, latency: number, random: () => number): number {
	if (work === 'cpu') return 0;
	if (work === 'io') return latency;
	// Box and Muller's way to the normal distribution; one minus, for there is no logarithm of 0.
	const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	return Math.min(longest * latency, Math.round(latency * Math.exp(spread * normal)));
}

type Titled = {title: string; seconds: number};
type File = {size: number; speed: number};

/** What each kind of page needs to know. The kinds are explained where they are made, in `site.ts`. */
type Details = {
	page: Titled;
	slow: Titled;
	flaky: Titled;
	/** `bytes` is the title in that charset, in hex: Node can read old charsets but not write them. */
	legacy: Titled & {bytes: string; charset: string; declared: 'meta' | 'header'};
	refusal: {status: number; seconds: number};
	redirect: {status: number; to: string; seconds: number};
	json: {seconds: number};
	download: File;
	stream: File;
	stall: File & {silence: number};
};

export type Kind = keyof Details;
export type PageOf<Name extends Kind> = {path: string; unlisted?: true; kind: Name} & Details[Name];
export type Page = {[Name in Kind]: PageOf<Name>}[Kind];

const KiB = 1024;
const MiB = 1024 * KiB;
const kB = 1_000;
const MB = 1_000_000;

/**
 * What the site serves, in the order it is fetched. `seconds` and `silence` are in seconds, `size` in bytes, `speed` in bytes
 * a second, all at pace 1. One long download and every oddity come early, to be seen; 8 at once are through in about 25 seconds.
 */
export const pages: readonly Page[] = [
	{path: '/news/index.html', kind: 'page', title: 'World News: the morning edition', seconds: 0.9},
	{path: '/iso/debian-mini.iso', kind: 'download', size: 20 * MiB, speed: 850 * kB},
	{path: '/cn/index.html', kind: 'page', title: '每日新闻网 - 首页', seconds: 1.3},
	{path: '/paper.pdf', kind: 'download', size: 2 * MiB, speed: 400 * kB},
	{path: '/reports/annual-2025.html', kind: 'slow', title: 'Annual report 2025 (made while you wait)', seconds: 6},
	// The bytes spell 中华美食网 - 川菜菜谱大全 in GBK.
	{
		path: '/cn/caipu.html',
		kind: 'legacy',
		title: '中华美食网 - 川菜菜谱大全',
		bytes: 'd6d0bbaac3c0cab3cdf8202d20b4a8b2cbb2cbc6d7b4f3c8ab',
		charset: 'gbk',
		declared: 'meta',
		seconds: 1.6,
	},
	{path: '/media/keynote.mp4', kind: 'download', size: 12 * MiB, speed: 3 * MB},
	{path: '/private/members.html', kind: 'refusal', status: 403, seconds: 0.7},
	{path: '/mirrors/list.html', kind: 'flaky', title: 'Mirrors near you', seconds: 0.8},
	{
		path: '/docs/getting-started.html',
		kind: 'page',
		title: 'Getting started: five minutes to the first fetch',
		seconds: 0.6,
	},
	{path: '/data/census-2020.csv', kind: 'stall', size: 3 * MiB, speed: 1.2 * MB, silence: 5},
	// The bytes spell 繁體中文：台北旅遊指南 in Big5.
	{
		path: '/tw/taipei.html',
		kind: 'legacy',
		title: '繁體中文：台北旅遊指南',
		bytes: 'c163c5e9a4a4a4e5a147a578a55faec8b943abfcab6e',
		charset: 'big5',
		declared: 'header',
		seconds: 1.2,
	},
	{path: '/download/latest', kind: 'redirect', status: 302, to: '/releases/latest', seconds: 0.3},
	{path: '/blog/2019/lost-post.html', kind: 'refusal', status: 404, seconds: 0.5},
	{path: '/logs/access.log', kind: 'stream', size: 3 * MiB, speed: 400 * kB},
	{path: '/cn/深圳天气.html', kind: 'page', title: '深圳天气预报：今天多云，27℃', seconds: 1.1},
	{path: '/api/v1/releases.json', kind: 'json', seconds: 0.5},
	{path: '/pkg/node-v24.tar.gz', kind: 'download', size: 6 * MiB, speed: 800 * kB},
	{path: '/blog/backpressure.html', kind: 'page', title: 'Backpressure, explained with a garden hose', seconds: 2.2},
	{path: '/cn/keji/renlei.html', kind: 'page', title: '科技日报：人类首次拍到黑洞的“影子”', seconds: 1.4},
	{path: '/fonts/noto-sans-cjk.zip', kind: 'download', size: 9 * MiB, speed: 1.1 * MB},
	{path: '/wiki/Percent-encoding.html', kind: 'page', title: 'Percent-encoding - a short history of %20', seconds: 1.2},
	{path: '/shop/tea.html', kind: 'page', title: 'Tea & Tea Ware | The Little Shop', seconds: 1.7},
	{path: '/photos/nebula.tiff', kind: 'download', size: 4 * MiB, speed: 450 * kB},
	{path: '/cn/tushuguan.html', kind: 'page', title: '市图书馆 - 新书推荐', seconds: 2.9},
	{path: '/docs/retries.html', kind: 'page', title: 'When to try again, and when to give up', seconds: 0.8},
	{path: '/backup/2026-01.tar.gz', kind: 'download', size: 10 * MiB, speed: 1.1 * MB},
	{path: '/forum/thread-4711.html', kind: 'page', title: 'Why is my terminal so slow? - Forum', seconds: 1.9},
	{path: '/cn/huoche.html', kind: 'page', title: '火车时刻表查询 - 北京南 → 上海虹桥', seconds: 2.4},
	{path: '/paper-appendix.pdf', kind: 'download', size: 1.5 * MiB, speed: 180 * kB},
	{path: '/news/sports.html', kind: 'page', title: 'Sports: late goal decides the derby', seconds: 1},
	{path: '/audio/field-recording.flac', kind: 'download', size: 7 * MiB, speed: 750 * kB},
	{path: '/cn/yinyue.html', kind: 'page', title: '古典音乐频道：本周节目单', seconds: 1.8},
	{
		path: '/docs/http-ranges.html',
		kind: 'page',
		title: 'Ranges and validators: resuming a download safely',
		seconds: 2.8,
	},
	{path: '/maps/island.svgz', kind: 'download', size: 700 * KiB, speed: 120 * kB},
	{path: '/news/weather.html', kind: 'page', title: 'Weather: sunny, with a chance of packets', seconds: 1.5},
	{path: '/cn/jiaoyu.html', kind: 'page', title: '教育在线 - 高校招生信息', seconds: 1.3},
	{path: '/models/teapot.stl', kind: 'download', size: 5 * MiB, speed: 700 * kB},
	{path: '/blog/cjk-width.html', kind: 'page', title: 'One column or two? 中文 in a grid of cells', seconds: 2.3},
	{path: '/pkg/toolchain.tar.xz', kind: 'download', size: 14 * MiB, speed: 2.4 * MB},
	{path: '/cn/lvyou/huangshan.html', kind: 'page', title: '黄山旅游攻略：云海、奇松、怪石', seconds: 2.1},
	{path: '/recipes/bread.html', kind: 'page', title: 'A plain loaf of bread', seconds: 0.4},
	{path: '/datasets/stars.parquet', kind: 'download', size: 6 * MiB, speed: 900 * kB},
	{path: '/docs/faq.html', kind: 'page', title: 'Frequently asked questions', seconds: 2},
	{path: '/cn/dianying.html', kind: 'page', title: '本周电影排行榜', seconds: 2.6},
	{path: '/slides/event-loop.pdf', kind: 'download', size: 2 * MiB, speed: 500 * kB},
	{path: '/blog/goodbye.html', kind: 'page', title: 'Thank you for watching', seconds: 3},
	{path: '/cn/zaijian.html', kind: 'page', title: '谢谢观看，再见', seconds: 2.6},
	{
		path: '/releases/latest',
		kind: 'redirect',
		status: 301,
		to: '/releases/v2.0/notes.html',
		seconds: 0.3,
		unlisted: true,
	},
	{
		path: '/releases/v2.0/notes.html',
		kind: 'page',
		title: 'Release notes for version 2.0',
		seconds: 0.8,
		unlisted: true,
	},
];

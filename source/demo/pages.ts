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

const kB = 1_000;
const MB = 1_000_000;

/** What one connection gets of a file, usually, in bytes a second. */
const fair = 300 * kB;

/** What all files that are sent get together, in bytes a second: ten connections use it up, and more at once is no faster. */
export const uplink = 3 * MB;

/**
 * What the site serves, in the order it is fetched. `seconds` and `silence` are in seconds, `size` in bytes, `speed` in bytes
 * a second at most, all at pace 1. One long download and every oddity come early, to be seen; then come files of a size and a
 * few pages, steady enough for what a change of the concurrency did to be measured. 8 at once are through in about 80 seconds.
 */
export const pages: readonly Page[] = [
	{path: '/news/index.html', kind: 'page', title: 'World News: the morning edition', seconds: 0.7},
	{path: '/iso/debian-mini.iso', kind: 'download', size: 12_000 * kB, speed: fair},
	{path: '/cn/index.html', kind: 'page', title: '每日新闻网 - 首页', seconds: 0.8},
	{path: '/paper.pdf', kind: 'download', size: 1_300 * kB, speed: fair},
	{path: '/reports/annual-2025.html', kind: 'slow', title: 'Annual report 2025 (made while you wait)', seconds: 4},
	// The bytes spell 中华美食网 - 川菜菜谱大全 in GBK.
	{
		path: '/cn/caipu.html',
		kind: 'legacy',
		title: '中华美食网 - 川菜菜谱大全',
		bytes: 'd6d0bbaac3c0cab3cdf8202d20b4a8b2cbb2cbc6d7b4f3c8ab',
		charset: 'gbk',
		declared: 'meta',
		seconds: 0.9,
	},
	{path: '/media/keynote.mp4', kind: 'download', size: 4_000 * kB, speed: 1.2 * MB},
	{path: '/mirrors/list.html', kind: 'flaky', title: 'Mirrors near you', seconds: 1},
	{path: '/private/members.html', kind: 'refusal', status: 403, seconds: 0.5},
	{
		path: '/docs/getting-started.html',
		kind: 'page',
		title: 'Getting started: five minutes to the first fetch',
		seconds: 0.6,
	},
	{path: '/data/census-2020.csv', kind: 'stall', size: 600 * kB, speed: fair, silence: 3},
	// The bytes spell 繁體中文：台北旅遊指南 in Big5.
	{
		path: '/tw/taipei.html',
		kind: 'legacy',
		title: '繁體中文：台北旅遊指南',
		bytes: 'c163c5e9a4a4a4e5a147a578a55faec8b943abfcab6e',
		charset: 'big5',
		declared: 'header',
		seconds: 0.7,
	},
	{path: '/download/latest', kind: 'redirect', status: 302, to: '/releases/latest', seconds: 0.3},
	{path: '/blog/2019/lost-post.html', kind: 'refusal', status: 404, seconds: 0.5},
	{path: '/logs/access.log', kind: 'stream', size: 2_200 * kB, speed: fair},
	{path: '/mirror/kernel/linux-6.18.tar.xz', kind: 'download', size: 1_900 * kB, speed: fair},
	{path: '/cn/深圳天气.html', kind: 'page', title: '深圳天气预报：今天多云，27℃', seconds: 0.7},
	{path: '/blog/2017/moved-away.html', kind: 'refusal', status: 404, seconds: 0.6},
	{path: '/pkg/node-v24.tar.gz', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/api/v1/releases.json', kind: 'json', seconds: 0.5},
	{path: '/fonts/noto-sans-cjk.zip', kind: 'download', size: 2_100 * kB, speed: fair},
	{path: '/photos/nebula.tiff', kind: 'download', size: 1_400 * kB, speed: fair},
	{path: '/blog/backpressure.html', kind: 'page', title: 'Backpressure, explained with a garden hose', seconds: 0.7},
	{path: '/mirror/alpine/standard-3.23.iso', kind: 'download', size: 1_800 * kB, speed: fair},
	{path: '/backup/2026-01.tar.gz', kind: 'download', size: 2_200 * kB, speed: fair},
	{path: '/cn/keji/renlei.html', kind: 'page', title: '科技日报：人类首次拍到黑洞的“影子”', seconds: 0.5},
	{path: '/audio/field-recording.flac', kind: 'download', size: 1_500 * kB, speed: fair},
	{path: '/paper-appendix.pdf', kind: 'download', size: 1_700 * kB, speed: fair},
	{path: '/maps/island.svgz', kind: 'download', size: 2_000 * kB, speed: fair},
	{path: '/wiki/Percent-encoding.html', kind: 'page', title: 'Percent-encoding - a short history of %20', seconds: 0.6},
	{path: '/models/teapot.stl', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/pkg/toolchain.tar.xz', kind: 'download', size: 2_300 * kB, speed: fair},
	{path: '/shop/tea.html', kind: 'page', title: 'Tea & Tea Ware | The Little Shop', seconds: 0.8},
	{path: '/datasets/stars.parquet', kind: 'download', size: 1_400 * kB, speed: fair},
	{path: '/slides/event-loop.pdf', kind: 'download', size: 1_900 * kB, speed: fair},
	{path: '/mirror/openbsd/install78.img', kind: 'download', size: 2_100 * kB, speed: fair},
	{path: '/cn/tushuguan.html', kind: 'page', title: '市图书馆 - 新书推荐', seconds: 0.5},
	{path: '/mirror/gcc/gcc-15.2.tar.xz', kind: 'download', size: 1_500 * kB, speed: fair},
	{path: '/mirror/python/python-3.14.tgz', kind: 'download', size: 1_800 * kB, speed: fair},
	{path: '/mirror/postgres/postgresql-18.tar.bz2', kind: 'download', size: 2_200 * kB, speed: fair},
	{path: '/docs/retries.html', kind: 'page', title: 'When to try again, and when to give up', seconds: 0.4},
	{path: '/mirror/blender/blender-5.0.tar.xz', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/mirror/arch/core.db.tar.gz', kind: 'download', size: 2_000 * kB, speed: fair},
	{path: '/forum/thread-4711.html', kind: 'page', title: 'Why is my terminal so slow? - Forum', seconds: 0.7},
	{path: '/mirror/freebsd/base.txz', kind: 'download', size: 1_400 * kB, speed: fair},
	{path: '/mirror/ruby/ruby-4.0.tar.gz', kind: 'download', size: 1_700 * kB, speed: fair},
	{path: '/mirror/go/go1.26.src.tar.gz', kind: 'download', size: 2_300 * kB, speed: fair},
	{path: '/cn/huoche.html', kind: 'page', title: '火车时刻表查询 - 北京南 → 上海虹桥', seconds: 0.6},
	{path: '/mirror/rust/rust-1.92.tar.xz', kind: 'download', size: 1_500 * kB, speed: fair},
	{path: '/mirror/texlive/install-tl.zip', kind: 'download', size: 1_900 * kB, speed: fair},
	{path: '/mirror/sqlite/sqlite-src.zip', kind: 'download', size: 2_100 * kB, speed: fair},
	{path: '/news/sports.html', kind: 'page', title: 'Sports: late goal decides the derby', seconds: 0.5},
	{path: '/mirror/git/git-2.52.tar.xz', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/mirror/vim/vim-9.1.tar.bz2', kind: 'download', size: 1_800 * kB, speed: fair},
	{path: '/cn/yinyue.html', kind: 'page', title: '古典音乐频道：本周节目单', seconds: 0.8},
	{path: '/mirror/emacs/emacs-30.2.tar.xz', kind: 'download', size: 2_200 * kB, speed: fair},
	{path: '/mirror/llvm/llvm-21.src.tar.xz', kind: 'download', size: 1_400 * kB, speed: fair},
	{path: '/mirror/qemu/qemu-10.1.tar.xz', kind: 'download', size: 2_000 * kB, speed: fair},
	{
		path: '/docs/http-ranges.html',
		kind: 'page',
		title: 'Ranges and validators: resuming a download safely',
		seconds: 0.5,
	},
	{path: '/mirror/perl/perl-5.42.tar.gz', kind: 'download', size: 1_700 * kB, speed: fair},
	{path: '/mirror/php/php-8.5.tar.gz', kind: 'download', size: 1_500 * kB, speed: fair},
	{path: '/mirror/erlang/otp-28.tar.gz', kind: 'download', size: 2_100 * kB, speed: fair},
	{path: '/news/weather.html', kind: 'page', title: 'Weather: sunny, with a chance of packets', seconds: 0.6},
	{path: '/mirror/ghc/ghc-9.14.tar.xz', kind: 'download', size: 1_900 * kB, speed: fair},
	{path: '/mirror/julia/julia-1.12.tar.gz', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/cn/jiaoyu.html', kind: 'page', title: '教育在线 - 高校招生信息', seconds: 0.4},
	{path: '/mirror/ocaml/ocaml-5.4.tar.gz', kind: 'download', size: 2_300 * kB, speed: fair},
	{path: '/mirror/gnu/coreutils-9.9.tar.xz', kind: 'download', size: 1_400 * kB, speed: fair},
	{path: '/mirror/gnu/bash-5.3.tar.gz', kind: 'download', size: 1_800 * kB, speed: fair},
	{path: '/blog/cjk-width.html', kind: 'page', title: 'One column or two? 中文 in a grid of cells', seconds: 0.7},
	{path: '/mirror/gnu/make-4.4.tar.gz', kind: 'download', size: 2_000 * kB, speed: fair},
	{path: '/mirror/gimp/gimp-3.0.tar.xz', kind: 'download', size: 1_700 * kB, speed: fair},
	{path: '/mirror/inkscape/inkscape-1.4.tar.xz', kind: 'download', size: 2_200 * kB, speed: fair},
	{path: '/cn/lvyou/huangshan.html', kind: 'page', title: '黄山旅游攻略：云海、奇松、怪石', seconds: 0.5},
	{path: '/mirror/kde/plasma-6.5.tar.xz', kind: 'download', size: 1_500 * kB, speed: fair},
	{path: '/mirror/gnome/gnome-49.tar.xz', kind: 'download', size: 1_900 * kB, speed: fair},
	{path: '/recipes/bread.html', kind: 'page', title: 'A plain loaf of bread', seconds: 0.4},
	{path: '/mirror/ffmpeg/ffmpeg-8.0.tar.xz', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/mirror/videolan/vlc-3.0.tar.xz', kind: 'download', size: 2_100 * kB, speed: fair},
	{path: '/mirror/openssl/openssl-3.6.tar.gz', kind: 'download', size: 1_400 * kB, speed: fair},
	{path: '/docs/concurrency.html', kind: 'page', title: 'How many at once? Measure it', seconds: 0.6},
	{path: '/mirror/nginx/nginx-1.29.tar.gz', kind: 'download', size: 1_800 * kB, speed: fair},
	{path: '/mirror/haproxy/haproxy-3.3.tar.gz', kind: 'download', size: 2_300 * kB, speed: fair},
	{path: '/mirror/redis/redis-8.4.tar.gz', kind: 'download', size: 1_500 * kB, speed: fair},
	{path: '/cn/dianying.html', kind: 'page', title: '本周电影排行榜', seconds: 0.8},
	{path: '/mirror/grafana/grafana-12.tar.gz', kind: 'download', size: 2_000 * kB, speed: fair},
	{path: '/mirror/wikipedia/abstracts.xml.gz', kind: 'download', size: 1_700 * kB, speed: fair},
	{path: '/wiki/Little-law.html', kind: 'page', title: 'Little’s law: what waits, how long, and why', seconds: 0.5},
	{path: '/mirror/gutenberg/catalog.tar.zst', kind: 'download', size: 2_200 * kB, speed: fair},
	{path: '/mirror/osm/island.osm.pbf', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/mirror/tiger/counties.zip', kind: 'download', size: 1_900 * kB, speed: fair},
	{path: '/docs/faq.html', kind: 'page', title: 'Frequently asked questions', seconds: 0.6},
	{path: '/mirror/hubble/pillars.tiff', kind: 'download', size: 1_400 * kB, speed: fair},
	{path: '/mirror/librivox/chapter-01.flac', kind: 'download', size: 2_100 * kB, speed: fair},
	{path: '/mirror/librivox/chapter-02.flac', kind: 'download', size: 1_800 * kB, speed: fair},
	{path: '/cn/tianwen.html', kind: 'page', title: '天文爱好者：今晚看流星雨', seconds: 0.5},
	{path: '/mirror/librivox/chapter-03.flac', kind: 'download', size: 1_500 * kB, speed: fair},
	{path: '/mirror/talks/tail-latency.mp4', kind: 'download', size: 2_000 * kB, speed: fair},
	{
		path: '/blog/uplink.html',
		kind: 'page',
		title: 'One uplink for all: where more at once stops helping',
		seconds: 0.7,
	},
	{path: '/mirror/talks/queues.mp4', kind: 'download', size: 1_700 * kB, speed: fair},
	{path: '/mirror/apache/httpd-2.4.tar.bz2', kind: 'download', size: 2_300 * kB, speed: fair},
	{path: '/mirror/apache/maven-4.0.tar.gz', kind: 'download', size: 1_500 * kB, speed: fair},
	{
		path: '/wiki/Max-min-fairness.html',
		kind: 'page',
		title: 'Max-min fairness, by the example of a cake',
		seconds: 0.4,
	},
	{path: '/mirror/cran/stats-pack.tar.gz', kind: 'download', size: 1_900 * kB, speed: fair},
	{path: '/mirror/ctan/fonts.tar.xz', kind: 'download', size: 2_100 * kB, speed: fair},
	{path: '/mirror/cpan/modules.details.gz', kind: 'download', size: 1_400 * kB, speed: fair},
	{path: '/cn/cha.html', kind: 'page', title: '茶叶百科：龙井、普洱、铁观音', seconds: 0.6},
	{path: '/mirror/debian/trixie-netinst.iso', kind: 'download', size: 2_200 * kB, speed: fair},
	{path: '/mirror/ubuntu/noble-base.tar.gz', kind: 'download', size: 1_800 * kB, speed: fair},
	{path: '/mirror/lfs/sources.tar.xz', kind: 'download', size: 1_900 * kB, speed: fair},
	{path: '/mirror/mint/xfce-22.iso', kind: 'download', size: 2_200 * kB, speed: fair},
	{path: '/news/science.html', kind: 'page', title: 'Science: octopus opens its own tank', seconds: 0.5},
	{path: '/mirror/opensuse/leap-16.iso', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/mirror/void/rootfs.tar.xz', kind: 'download', size: 2_000 * kB, speed: fair},
	{path: '/mirror/netbsd/sets.tgz', kind: 'download', size: 1_700 * kB, speed: fair},
	{path: '/mirror/zig/zig-0.16.tar.xz', kind: 'download', size: 1_500 * kB, speed: fair},
	{path: '/docs/draining.html', kind: 'page', title: 'What draining is, and why nothing is lost', seconds: 0.6},
	{path: '/mirror/haiku/haiku-r1.zip', kind: 'download', size: 2_300 * kB, speed: fair},
	{path: '/mirror/godot/godot-4.6.tar.xz', kind: 'download', size: 1_500 * kB, speed: fair},
	{path: '/mirror/kicad/libraries.zip', kind: 'download', size: 1_900 * kB, speed: fair},
	{path: '/mirror/scribus/scribus-1.7.tar.xz', kind: 'download', size: 2_300 * kB, speed: fair},
	{path: '/mirror/audacity/audacity-4.tar.xz', kind: 'download', size: 1_700 * kB, speed: fair},
	{path: '/cn/yundong.html', kind: 'page', title: '体育新闻：马拉松周日开跑', seconds: 0.4},
	{path: '/mirror/krita/krita-5.3.tar.xz', kind: 'download', size: 2_100 * kB, speed: fair},
	{path: '/mirror/sagemath/sage-10.8.tar.gz', kind: 'download', size: 1_400 * kB, speed: fair},
	{path: '/mirror/darktable/darktable-5.4.tar.xz', kind: 'download', size: 2_000 * kB, speed: fair},
	{path: '/mirror/musescore/musescore-4.tar.gz', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/mirror/lilypond/lilypond-2.26.tar.gz', kind: 'download', size: 2_100 * kB, speed: fair},
	{path: '/mirror/octave/octave-10.3.tar.xz', kind: 'download', size: 2_200 * kB, speed: fair},
	{path: '/mirror/maxima/maxima-5.49.tar.gz', kind: 'download', size: 1_800 * kB, speed: fair},
	{path: '/mirror/weather/radar-2026.nc', kind: 'download', size: 1_600 * kB, speed: fair},
	{path: '/mirror/stars/catalog.fits', kind: 'download', size: 2_000 * kB, speed: fair},
	{path: '/mirror/talks/backpressure.mp4', kind: 'download', size: 1_700 * kB, speed: fair},
	{path: '/blog/goodbye.html', kind: 'page', title: 'Thank you for watching', seconds: 0.7},
	{path: '/cn/zaijian.html', kind: 'page', title: '谢谢观看，再见', seconds: 0.5},
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

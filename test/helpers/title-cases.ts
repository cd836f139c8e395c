import {encode, encodings} from './encodings.ts';

/** Text is UTF-8, an array holds bytes in hex. */
type Part = string | readonly [hex: string];
const bytesOf = (parts: readonly Part[]): Buffer =>
	Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part[0], 'hex'))));

/**
 * Pages, and what they are called. Chromium 156 was asked, too (`document.title`, `document.characterSet`). Where it says otherwise:
 * it shows no title of feeds, frames and XHTML without a namespace; it takes undeclared UTF-8 for windows-1252; its prescan
 * follows scripts, and takes the last of two `charset` attributes, where the standard says otherwise; it expands entities that
 * a document type declares; and it moves a title out of a table to where it stands first.
 */
export type Case = {
	promise: string;
	bytes: Uint8Array;
	contentType?: string | null;
	http?: string;
	title: string | undefined;
	charset: string;
	/** Where parse5 gives something else, and why it is not followed. */
	differs?: {oracle: string | undefined; because: string};
};

export const inEncodings: Case[] = encodings.flatMap(({name, title}): Case[] => {
	if (title === undefined) return [];
	const wide = name.startsWith('utf-16');
	const page = (before: string) => encode(`<!doctype html>${before}<title>${title}</title><p>${title}`, name);
	const declared = (form: string) =>
		wide
			? {promise: `${form} in UTF-16 is no declaration`, bytes: page(form), title: undefined, charset: 'windows-1252'}
			: {promise: `a title in ${name}, by ${form.replace(/\s.*\s/, ' ')}`, bytes: page(form), title, charset: name};
	const other = name === 'koi8-r' ? 'big5' : 'koi8-r';
	return [
		{promise: `a title in ${name}, by HTTP`, bytes: page(''), http: name, title, charset: name},
		{
			promise: `a title in ${name}, by HTTP against a <meta> that lies`,
			bytes: page(`<meta charset=${other}>`),
			http: ` "${name.toUpperCase()}" `.replaceAll('"', ''),
			title,
			charset: name,
		},
		...(wide
			? []
			: [
					declared(`<meta charset="${name}">`),
					declared(`<META content='text/html; CHARSET = "${name}"' http-equiv=Content-Type>`),
				]),
	];
});

const html = (
	promise: string,
	text: string,
	title: string | undefined,
	differs?: readonly [oracle: string | undefined, because: string],
): Case => ({
	promise,
	bytes: Buffer.from(text),
	http: 'utf-8',
	title,
	charset: 'utf-8',
	...(differs && {differs: {oracle: differs[0], because: differs[1]}}),
});

const long = '<p class="a">some text <a href="/">and a link</a></p>\n'.repeat(2_000);
const cdataInDoor =
	'the standard takes CDATA sections wherever the current node is foreign; parse5 not directly in what may hold HTML';

export const inHtml: Case[] = [
	html('a title is read', '<!doctype html><html><head><title>Welcome to Python.org</title>', 'Welcome to Python.org'),
	html('entities are decoded', '<title>Q&amp;A &lt;b&gt; &#x4e2d;&#25991; &bogus;</title>', 'Q&A <b> 中文 &bogus;'),
	html(
		'entities without a semicolon are, where HTML has them',
		'<title>&copy 5 &notit; &amp=1 &hellip</title>',
		'© 5 ¬it; &=1 &hellip',
	),
	html('numbers are what windows-1252 has there', '<title>&#150;&#x80;&#146;&#129;</title>', '–€’\u0081'),
	html(
		'numbers beyond Unicode are U+FFFD',
		'<title>&#0;&#xd800;&#x110000;&#99999999999;</title>',
		'\ufffd\ufffd\ufffd\ufffd',
	),
	html('an entity of two characters is', '<title>&NotEqualTilde;&acE;</title>', '≂̸∾̳'),
	html('an entity that is decoded is not decoded again', '<title>&amp;lt;b&amp;gt;</title>', '&lt;b&gt;'),
	html('a lone ampersand stays', '<title>A & B &; &# &#x; C&</title>', 'A & B &; &# &#x; C&'),
	html('blanks that are written as entities collapse too', '<title>a&#32;&#9;&Tab;&NewLine; b</title>', 'a b'),
	html('newlines and tabs become one blank', '<title>\r\n\tOne\n\n  two\f three \r</title>', 'One two three'),
	html(
		'wide and no-break blanks stay',
		'<title> \u3000新浪\u3000首页&nbsp;\u00a0</title>',
		'\u3000新浪\u3000首页\u00a0\u00a0',
	),
	html('a vertical tab is no blank', '<title>a\v\vb</title>', 'a\v\vb'),
	html('NUL is U+FFFD', '<title>a\0b</title>', 'a\ufffdb'),
	html('a byte order mark inside is text', '<title>a\ufeffb</title>', 'a\ufeffb'),
	html('tags inside a title are text', '<title>a <b>c</b> <!-- d --></title>', 'a <b>c</b> <!-- d -->'),
	html('another end tag inside is text', '<title>a</titles></ title></titl>b</title>', 'a</titles></ title></titl>b'),
	html('a lone < is text', '<title>1 < 2 << 3 </ 4</title>', '1 < 2 << 3 </ 4'),
	html('upper case tags count', '<HTML><HEAD><TITLE>Loud</TiTlE>', 'Loud'),
	html('attributes do not disturb', '<title data-a="</title>" lang=en b=\'>\' c>Attributes</title >', 'Attributes'),
	html('an end tag may have attributes and a slash', '<title>a</title\n x=">"/><p>', 'a'),
	html('a slash closes no title', '<title/>a</title>', 'a'),
	html('attributes without values, with = and quotes in odd places', '<p a= b=>c =d e=f"g\'h><title>x</title>', 'x'),
	html('a quote that is never closed swallows the title', '<p a="><title>x</title>', undefined),
	html('a title in the body counts', '<html><body><p>text</p><title>Late</title>', 'Late'),
	html('a title behind </html> counts', '<html><body></body></html><title>After</title>', 'After'),
	html('a title between head and body counts', '<head></head><title>Between</title><body>', 'Between'),
	html('the first of two titles counts', '<title>One</title><title>Two</title>', 'One'),
	html('text before any tag does not disturb', 'hello <title>x</title>', 'x'),
	html(
		'the title of a picture before is not the page’s',
		'<svg><g><title>Icon</title></g></svg><title>Page</title>',
		'Page',
	),
	html('the title of a picture after is not', '<title>Page</title><svg><title>Icon</title></svg>', 'Page'),
	html('a picture may close itself', '<svg viewBox="0 0 1 1"/><title>Page</title>', 'Page'),
	html('a picture ends where HTML must go on', '<svg><path><p>text<title>Page</title>', 'Page'),
	html('an end tag of what it stands in ends a picture', '<div><svg><g></div><title>Page</title>', 'Page'),
	html('an end tag that nothing belongs to does not', '<svg><g></div><title>Icon</title>', undefined),
	html('a picture in a picture', '<svg><svg></svg><title>Icon</title></svg><title>Page</title>', 'Page'),
	html('titles in pictures alone make no title', '<svg><title>A</title></svg><svg><title>B</title></svg>', undefined),
	html('HTML in a picture has titles', '<svg><foreignObject><title>Inner</title></foreignObject></svg>', 'Inner'),
	html('a style in a picture is no raw text', '<svg><style><title>a</title></style></svg><title>b</title>', 'b'),
	html(
		'CDATA in a picture is text',
		'<svg><style><![CDATA[</svg><title>a</title>]]></style></svg><title>b</title>',
		'b',
	),
	html('CDATA in HTML is a comment', '<![CDATA[<title>a</title>]]><title>b</title>', 'b'),
	html(
		'CDATA in the title of a picture is text',
		'<svg><title><![CDATA[></svg><title>a</title>]]></title></svg><title>b</title>',
		'b',
		['a', cdataInDoor],
	),
	html('font with a color ends a picture', '<svg><font color=red><title>Page</title>', 'Page'),
	html('font without does not', '<svg><font><title>Icon</title>', undefined),
	html('the title of a formula is not the page’s', '<math><title>m</title></math><title>Page</title>', 'Page'),
	html('a formula’s text may hold HTML', '<math><mi><title>Inner</title></mi></math>', 'Inner'),
	html(
		'so may its annotations, if they say so',
		'<math><annotation-xml encoding="Text/HTML"><title>Inner</title>',
		'Inner',
	),
	html(
		'and not if they do not',
		'<math><annotation-xml><title>m</title></annotation-xml></math><title>Page</title>',
		'Page',
	),
	html('the title in a template is not the page’s', '<template><title>t</title></template><title>Page</title>', 'Page'),
	html('templates nest', '<template><template></template><title>t</title></template><title>Page</title>', 'Page'),
	html('a template ends a picture in it', '<template><svg></template><title>Page</title>', 'Page'),
	html('a template in a picture is none', '<svg><template></template></svg><title>Page</title>', 'Page'),
	html('the title in a frame’s text is not the page’s', '<iframe><title>f</title></iframe><title>Page</title>', 'Page'),
	html('nor in noscript, for browsers run scripts', '<noscript><title>n</title></noscript><title>Page</title>', 'Page'),
	html(
		'nor in noframes and noembed',
		'<noframes><title>n</title></noframes><noembed><title>e</title></noembed><title>Page</title>',
		'Page',
	),
	html('nor in xmp', '<xmp><title>x</title></xmp><title>Page</title>', 'Page'),
	html('nothing comes after plaintext', '<plaintext><title>x</title></plaintext><title>y</title>', undefined),
	html('a title in a comment is none', '<!-- <title>Old</title> --><title>New</title>', 'New'),
	html('short comments end at once', '<!--><title>a</title><!-- -->', 'a'),
	html('and so do these', '<!---><title>a</title><!-- -->', 'a'),
	html('a comment may end with a bang', '<!-- a --!><title>a</title><!-- -->', 'a'),
	html('a comment may have more hyphens', '<!-- a -- > b ---><title>a</title>', 'a'),
	html('two hyphens and a bang do not end it', '<!-- a --!b --><title>a</title>', 'a'),
	html('a comment that never ends swallows all', '<!-- a --!-<title>a</title>', undefined),
	html('declarations and instructions end at >', '<!x "><title>a</title><?php "><title>b</title> ?>', 'a'),
	html('an end tag that is none is a comment', '</ <title>a</title><title>b</title>', 'b'),
	html('a title in a script is none', '<script>"<title>js</title>"</script><title>Page</title>', 'Page'),
	html('a script ends at its end tag, wherever that stands', '<script>"</script><title>a</title>"</script>', 'a'),
	html(
		'a script in a comment in a script hides an end tag',
		'<script><!--<script></script><title>js</title>--></script><title>Page</title>',
		'Page',
	),
	html('a comment in a script does not', '<script><!-- </script><title>Page</title>', 'Page'),
	html('a comment in a script ends', '<script><!--<script>--></script><title>Page</title>', 'Page'),
	html('a short comment in a script ends at once', '<script><!--><script></script><title>Page</title>', 'Page'),
	html(
		'a word that only begins like script hides nothing',
		'<script><!--<scripty></script><title>Page</title>',
		'Page',
	),
	html('a title in a style is none', '<style>/*<title>css</title>*/</style><title>Page</title>', 'Page'),
	html('a title in a textarea is none', '<textarea><title>x</title></textarea>', undefined),
	html('a title in an attribute is none', '<p title="<title>x</title>"><title>Page</title>', 'Page'),
	html('a title in a table counts', '<table><tr><td><title>Cell</title>', 'Cell'),
	html('a page without a title has none', '<html><body>text', undefined),
	html('an empty title is none', '<title> \n </title><body>', undefined),
	html('an empty title hides a later one', '<title></title><body><title>Later</title>', undefined),
	html('a title that never ends is all the rest', '<title>Open<body> a</tit', 'Open<body> a</tit'),
	html('a title of a long name is none', `<title${'e'.repeat(300)}>a</title><title>b</title>`, 'b'),
	html('a long page with its title first is read', `<title>First</title>${long}`, 'First'),
	html('a long page with its title last is read', `<svg><title>A</title></svg>${long}<title>Last</title>`, 'Last'),
	html('a title in a select counts', '<select><title>In</title></select><title>Out</title>', 'In', [
		'Out',
		'the standard dropped the rules that kept everything out of <select> in 2025, and browsers followed',
	]),
	html('a title in a frameset counts', '<frameset><frame><title>Frames</title></frameset>', 'Frames', [
		undefined,
		'browsers drop it; whoever wrote it meant it, and a page of frames has nothing else to show',
	]),
	html(
		'the first title to come counts, in a table too',
		'<table><tr><td><title>First</title></td><title>Second</title>',
		'First',
		['Second', 'browsers show the first until the second is moved before the table; reading has stopped by then'],
	),
];

const filler = `<!-- ${'x'.repeat(1024)} -->`;
const sina = ['d0c2c0cbcad7d2b3'] as const;
const on = (
	promise: string,
	charset: string,
	title: string | undefined,
	parts: readonly Part[],
	rest: Partial<Case> = {},
): Case => ({
	promise,
	bytes: bytesOf(parts),
	title,
	charset,
	...rest,
});

export const onCharsets: Case[] = [
	on(
		'a UTF-8 byte order mark beats HTTP and <meta>',
		'utf-8',
		'日',
		[['efbbbf'], '<meta charset=big5><title>日</title>'],
		{http: 'gbk'},
	),
	on(
		'a UTF-16LE byte order mark beats HTTP',
		'utf-16le',
		'日本é',
		[['fffe'], ['3c007400690074006c0065003e00e5652c67e9003c002f007400690074006c0065003e00']],
		{http: 'utf-8'},
	),
	on('a UTF-16BE byte order mark counts', 'utf-16be', '日本é', [
		['feff'],
		['003c007400690074006c0065003e65e5672c00e9003c002f007400690074006c0065003e'],
	]),
	on('a byte order mark is not part of a title without tags before', 'utf-8', 'x', [['efbbbf'], '<title>x</title>']),
	on('a byte order mark in the middle is none', 'windows-1252', 'ÿþ', ['<p><title>', ['fffe'], '</title>']),
	on(
		'an unknown label in HTTP leaves the word to the <meta>',
		'gbk',
		'新浪首页',
		['<meta charset=gbk><title>', sina, '</title>'],
		{http: 'utf-8mb4'},
	),
	on('an unknown <meta> is passed over for the next', 'gbk', '新浪首页', [
		'<meta charset="x-no"><meta charset="gbk"><title>',
		sina,
		'</title>',
	]),
	on('the first <meta> that is known counts', 'gbk', '新浪首页', [
		'<meta charset="gbk"><meta charset="big5"><title>',
		sina,
		'</title>',
	]),
	on('a <meta> in a comment is none', 'windows-1252', 'ÐÂ', [
		'<!-- <meta charset=gbk> --><title>',
		['d0c2'],
		'</title>',
	]),
	on('a <meta> in an attribute is none', 'windows-1252', 'ÐÂ', [
		'<p a="<meta charset=gbk>"><title>',
		['d0c2'],
		'</title>',
	]),
	on('a <meta> in a script is one: the prescan knows no scripts', 'gbk', '新', [
		'<script>"<meta charset=gbk>"</script><title>',
		['d0c2'],
		'</title>',
	]),
	on('a <meta> behind the title counts', 'gbk', '新', ['<title>', ['d0c2'], '</title><meta charset=gbk>']),
	on('a <meta> behind an ASCII title counts', 'gbk', 'plain', ['<title>plain</title><meta charset=gbk>']),
	on('content without http-equiv is none', 'windows-1252', 'ÐÂ', [
		'<meta content="text/html;charset=gbk"><title>',
		['d0c2'],
		'</title>',
	]),
	on('http-equiv may come last', 'gbk', '新', [
		'<meta content=text/html;charset=gbk http-equiv=content-type><title>',
		['d0c2'],
		'</title>',
	]),
	on('another http-equiv is none', 'windows-1252', 'ÐÂ', [
		'<meta http-equiv=refresh content="1;charset=gbk"><title>',
		['d0c2'],
		'</title>',
	]),
	on('charset beats content', 'gbk', '新', [
		'<meta http-equiv=content-type content="a;charset=big5" charset=gbk><title>',
		['d0c2'],
		'</title>',
	]),
	on('the first of two attributes counts', 'gbk', '新', [
		'<meta charset=gbk charset=big5><title>',
		['d0c2'],
		'</title>',
	]),
	on('charset without a value in content is looked for further on', 'gbk', '新', [
		'<meta http-equiv=content-type content="charset charset=gbk"><title>',
		['d0c2'],
		'</title>',
	]),
	on('a quotation mark in content must be closed', 'windows-1252', 'ÐÂ', [
		'<meta http-equiv=content-type content="charset=\'gbk"><title>',
		['d0c2'],
		'</title>',
	]),
	on('<meta/charset> counts', 'gbk', '新', ['<meta/charset=gbk><title>', ['d0c2'], '</title>']),
	on('<metadata> is none', 'windows-1252', 'ÐÂ', ['<metadata charset=gbk><title>', ['d0c2'], '</title>']),
	on('a <meta> that says UTF-16 means UTF-8', 'utf-8', '新', ['<meta charset=utf-16><title>新</title>']),
	on('a <meta> that says x-user-defined means windows-1252', 'windows-1252', 'Ð', [
		'<meta charset=x-user-defined><title>',
		['d0'],
		'</title>',
	]),
	on('x-user-defined by HTTP is that', 'x-user-defined', '\uf7d0', ['<title>', ['d0'], '</title>'], {
		http: 'x-user-defined',
	}),
	on('a charset that is dangerous gives no title', 'replacement', undefined, ['<title>x</title>'], {
		http: 'iso-2022-kr',
	}),
	on('an XML declaration counts where there is no <meta>', 'shift_jis', '日', [
		'<?xml version="1.0" encoding="Shift_JIS"?><title>',
		['93fa'],
		'</title>',
	]),
	on('a <meta> beats an XML declaration', 'gbk', '新', [
		'<?xml version="1.0" encoding="Shift_JIS"?><meta charset=gbk><title>',
		['d0c2'],
		'</title>',
	]),
	on('an XML declaration in UTF-16 counts without a mark', 'utf-16le', 'x', [
		['3c003f0078006d006c003f003e003c007400690074006c0065003e0078003c002f007400690074006c0065003e00'],
	]),
	on('ASCII is UTF-8', 'utf-8', 'plain', ['<title>plain</title>']),
	on('UTF-8 that declares nothing is UTF-8', 'utf-8', '新', ['<title>新</title>']),
	on('UTF-8 may be cut inside its last character', 'utf-8', '新', ['<title>新</title>', ['f09f98']]),
	on('a last byte that begins no character is not UTF-8', 'windows-1252', 'æ–°', ['<title>新</title>', ['ff']]),
	on('Latin-1 that declares nothing is windows-1252', 'windows-1252', 'café €', [
		'<title>caf',
		['e9'],
		' ',
		['80'],
		'</title>',
	]),
	on('a <meta> beyond the first 1024 bytes counts where the bytes are not UTF-8', 'gbk', '新', [
		filler,
		'<meta charset=gbk><title>',
		['d0c2'],
		'</title>',
	]),
	on('and it counts behind the title', 'gbk', '新', [filler, '<title>', ['d0c2'], '</title><meta charset=gbk>']),
	on('it does not spoil UTF-8', 'utf-8', '新', [filler, '<meta charset=gbk><title>新</title>']),
	on('a first byte like that of a byte order mark hides no <meta>', 'gbk', '新', [
		['efa1'],
		'<meta charset=gbk><title>',
		['d0c2'],
		'</title>',
	]),
	on(
		'a title cut in the middle of a character has U+FFFD there',
		'utf-8',
		'a\ufffd',
		['<title>a', ['e696'], '</title>'],
		{http: 'utf-8'},
	),
	on('a lead byte does not swallow the end tag', 'gbk', 'a\ufffd', ['<title>a', ['d0'], '</title>'], {http: 'gbk'}),
	on('Japanese in 7 bits is known by its escapes', 'iso-2022-jp', '日本語の題', [
		'<title>',
		['1b2442467c4b5c386c244e426a1b2842'],
		'</title>',
	]),
	on(
		'</title> in the bytes of a character ends nothing',
		'iso-2022-jp',
		'ー\ufffd蜚跂梢',
		['<title>', ['1b2442213c2f7469746c653e3f1b2842'], '</title>'],
		{http: 'iso-2022-jp'},
	),
	on('Big5 has the characters of Hong Kong', 'big5', '㗎喺度', ['<title>', ['9dee9df6abd7'], '</title>'], {
		http: 'big5-hkscs',
	}),
	on('GB2312 has what is in GBK only', 'gbk', '镕基与喆', ['<title>', ['e946bbf9d3eb86b4'], '</title>'], {
		http: 'gb2312',
	}),
	on('KS C 5601 has what is in Windows only', 'euc-kr', '똠방각하', ['<title>', ['8c63b9e6b0a2c7cf'], '</title>'], {
		http: 'ks_c_5601-1987',
	}),
	on('ISO-8859-1 is windows-1252', 'windows-1252', '“5 €”', ['<title>', ['9335208094'], '</title>'], {
		http: 'iso-8859-1',
	}),
	on('Russian that declares nothing is guessed', 'windows-1251', 'Новости', [
		['3c7469746c653ecdeee2eef1f2e83c2f7469746c653e'],
		`<p>`,
		[
			encode(
				'Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены разумом и совестью.',
				'windows-1251',
			).toString('hex'),
		],
	]),
	on('Chinese that declares nothing is guessed', 'gb18030', '新浪首页', [
		'<title>',
		sina,
		'</title><p>',
		[
			encode(
				'人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。',
				'gb18030',
			).toString('hex'),
		],
	]),
	on('French that declares nothing is not guessed', 'windows-1252', 'Été', [
		'<title>',
		['c974e9'],
		'</title><p>',
		[
			encode(
				'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison.',
				'windows-1252',
			).toString('hex'),
		],
	]),
];

const svg = 'xmlns="http://www.w3.org/2000/svg"';
const xhtml = 'xmlns="http://www.w3.org/1999/xhtml"';
const atom = 'xmlns="http://www.w3.org/2005/Atom"';
const xml = (promise: string, contentType: string | null, text: string, title: string | undefined): Case => ({
	promise,
	contentType,
	bytes: Buffer.from(text),
	title,
	charset: 'utf-8',
});

export const inXml: Case[] = [
	xml(
		'XHTML has a title',
		'application/xhtml+xml',
		`<html ${xhtml}><head><title>X &amp; <!-- c -->Y&#x2014;</title></head></html>`,
		'X & Y—',
	),
	xml(
		'an empty element is an empty title',
		'application/xhtml+xml',
		`<html ${xhtml}><head><title/></head><body><title>b</title></body></html>`,
		undefined,
	),
	xml(
		'a script in XHTML may close itself',
		'application/xhtml+xml',
		`<html ${xhtml}><head><script/><title>a</title></head></html>`,
		'a',
	),
	xml(
		'CDATA in XHTML is text',
		'application/xhtml+xml',
		`<html ${xhtml}><head><title>a<![CDATA[ <b> ]] ]>& ]]]>c</title></head></html>`,
		'a <b> ]] ]>& ]c',
	),
	xml(
		'XHTML may have a prefix',
		'application/xhtml+xml',
		'<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>P</h:title></h:head></h:html>',
		'P',
	),
	xml(
		'names in XML have a case',
		'application/xhtml+xml',
		`<html ${xhtml}><head><TITLE>a</TITLE><title>b</title></head></html>`,
		'b',
	),
	xml(
		'entities of XHTML are known',
		'application/xhtml+xml',
		`<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd"><html ${xhtml}><head><title>&eacute;&nbsp;&apos;</title></head></html>`,
		"é\u00a0'",
	),
	xml(
		'a title of SVG in XHTML is not the page’s',
		'application/xhtml+xml',
		`<html ${xhtml}><svg ${svg}><title>i</title></svg><title>p</title></html>`,
		'p',
	),
	xml(
		'XHTML that forgets its namespace is meant',
		'application/xhtml+xml',
		'<html><head><title>a</title></head></html>',
		'a',
	),
	xml(
		'markup in a title is not of it',
		'application/xhtml+xml',
		`<html ${xhtml}><title>a<b>x</b>c</title></html>`,
		'ac',
	),
	xml(
		'a document type may have brackets',
		'application/xhtml+xml',
		`<!DOCTYPE html [<!-- don't --><!ENTITY a "]><title>x</title>">]><html ${xhtml}><title>a &a;</title></html>`,
		'a &a;',
	),
	xml(
		'a picture has a title',
		'image/svg+xml',
		`<?xml version="1.0"?><!-- <title>c</title> --><svg ${svg}><title>Icon</title></svg>`,
		'Icon',
	),
	xml(
		'of a picture only the root’s counts',
		'image/svg+xml',
		`<svg ${svg}><g><title>g</title></g><title>Icon</title></svg>`,
		'Icon',
	),
	xml(
		'a picture whose parts alone have titles has none',
		'image/svg+xml',
		`<svg ${svg}><g><title>g</title></g></svg>`,
		undefined,
	),
	xml(
		'a picture may have a prefix',
		'image/svg+xml',
		'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:title>Icon</s:title></s:svg>',
		'Icon',
	),
	xml(
		'RSS has the title of its channel',
		'application/rss+xml',
		'<rss version="2.0"><channel><image><title>i</title></image><title><![CDATA[News & more]]></title><item><title>1</title></item></channel></rss>',
		'News & more',
	),
	xml(
		'a title of another vocabulary is not the channel’s',
		'application/rss+xml',
		'<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><media:title>m</media:title><title>c</title></channel></rss>',
		'c',
	),
	xml(
		'an item before does not disturb',
		'text/xml',
		'<rss><channel><item><title>1</title></item><title>c</title></channel></rss>',
		'c',
	),
	xml(
		'RDF has the title of its channel',
		'application/rdf+xml',
		'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>R</title></channel><item><title>1</title></item></rdf:RDF>',
		'R',
	),
	xml(
		'Atom has the title of its feed',
		'application/atom+xml',
		`<feed ${atom}><entry><title>1</title></entry><title>F</title></feed>`,
		'F',
	),
	xml(
		'Atom’s title may be HTML',
		'application/atom+xml',
		`<feed ${atom}><title type="html">a &lt;b&gt;c&lt;/b&gt; &amp;amp; d</title></feed>`,
		'a c & d',
	),
	xml(
		'Atom’s title may be XHTML',
		'application/atom+xml',
		`<feed ${atom}><title type="xhtml"><div ${xhtml}>a <b>c</b> &amp; d</div></title></feed>`,
		'a c & d',
	),
	xml(
		'Atom’s title may be text with tags in it',
		'application/atom+xml',
		`<feed ${atom}><title>a &lt;b&gt;</title></feed>`,
		'a <b>',
	),
	xml('XML of another kind has no title', 'application/xml', '<note><title>x</title></note>', undefined),
	xml('unless there is XHTML in it', 'text/xml', `<note><p ${xhtml}><title>x</title></p></note>`, 'x'),
	xml(
		'numbers are what windows-1252 has there',
		'application/rss+xml',
		'<rss><channel><title>a &#150; b</title></channel></rss>',
		'a – b',
	),
	xml(
		'a feed with an open tag is read',
		'application/rss+xml',
		'<rss><channel><description>a <br> b</description><title>c</title></channel></rss>',
		'c',
	),
	xml('a body of undeclared type may be a page', null, ' \n<!doctype html><title>x</title>', 'x'),
	xml('or a picture', null, `<svg ${svg}><title>Icon</title></svg>`, 'Icon'),
	xml('or a feed', null, '<?xml version="1.0"?>\n<rss><channel><title>c</title></channel></rss>', 'c'),
	{
		promise: 'XML declares its charset',
		contentType: 'text/xml',
		bytes: bytesOf(['<?xml version="1.0" encoding="gb2312"?><rss><channel><title>', sina, '</title></channel></rss>']),
		title: '新浪首页',
		charset: 'gbk',
	},
	{
		promise: 'a <meta> is no declaration of XML',
		contentType: 'application/rss+xml',
		bytes: bytesOf(['<rss><meta charset="gbk"/><channel><title>', ['c3a9'], '</title></channel></rss>']),
		title: 'é',
		charset: 'utf-8',
	},
	{
		promise: 'XML in UTF-16 without a mark is known by its declaration',
		contentType: 'text/xml',
		bytes: encode(`<?xml version="1.0"?><svg ${svg}><title>新</title></svg>`, 'utf-16be'),
		title: '新',
		charset: 'utf-16be',
	},
];

import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import iconv from 'iconv-lite';
import {parse} from 'parse5';
import {readPage} from './helpers/page.ts';
import {type Case, inEncodings, inHtml, inXml, onCharsets} from './helpers/title-cases.ts';

/** `document.title` by parse5, an HTML parser that shares no line with ours. Undefined for the empty one. */
function oracle(html: string): string | undefined {
	type Node = {nodeName: string; namespaceURI?: string; value?: string; childNodes?: Node[]};
	const ahead: Node[] = [parse(html) as unknown as Node];
	for (let node = ahead.pop(); node; node = ahead.pop()) {
		const children = node.childNodes ?? [];
		if (node.nodeName === 'title' && node.namespaceURI === 'http://www.w3.org/1999/xhtml') {
			const text = children.map(({value = ''}) => value).join('');
			return text.replace(/[\t\n\f\r ]+/g, ' ').replace(/^ | $/g, '') || undefined;
		}
		ahead.push(...children.toReversed());
	}
	return undefined;
}

/** Where Node's decoder (ICU) or iconv-lite leave the standard, the other of them is asked. */
function independently(bytes: Uint8Array, charset: string): string {
	// ICU has no additional syllables for it, and Node's build of it no user-defined one.
	if (charset === 'euc-kr') return iconv.decode(Buffer.from(bytes), 'cp949');
	if (charset === 'big5') return iconv.decode(Buffer.from(bytes), 'big5-hkscs');
	if (charset === 'x-user-defined')
		return Array.from(bytes, byte => String.fromCharCode(byte < 0x80 ? byte : 0xf700 + byte)).join('');
	return charset === 'replacement' ? '\ufffd' : new TextDecoder(charset).decode(bytes);
}

const inputOf = ({bytes, contentType = 'text/html', http}: Case) => ({
	...(contentType !== null && {contentType}),
	...(http !== undefined && {charset: http}),
	bytes,
});

async function read(
	given: Case,
	pieces?: number | readonly number[],
): Promise<{title: string | undefined; charset: string | undefined}> {
	const {bytes, ...head} = inputOf(given);
	const {extracted, told} = await readPage(bytes, {...head, ...(pieces !== undefined && {pieces})});
	assert.deepEqual(told, extracted?.title === undefined ? [] : [extracted.title]);
	return {title: extracted?.title, charset: extracted?.charset};
}

const groups = {
	'in every encoding': inEncodings,
	'as HTML has it': inHtml,
	'in the charset that browsers would take': onCharsets,
	'of XHTML, pictures and feeds': inXml,
};

for (const [name, cases] of Object.entries(groups)) {
	suite(`titles ${name}`, () => {
		for (const given of cases) {
			const {promise, title, charset} = given;
			test(promise, async () => {
				const expected = {title, charset};
				assert.deepEqual(await read(given), expected);
				assert.deepEqual(await read(given, 1), expected, 'byte by byte');
			});
		}
	});
}

suite('parse5, with decoders that are not ours, gives the same titles', () => {
	for (const {promise, bytes, charset, title, differs} of [...inEncodings, ...inHtml, ...onCharsets]) {
		test(`${promise}${differs ? ` (not here: ${differs.because})` : ''}`, () => {
			assert.equal(oracle(independently(bytes, charset)), differs ? differs.oracle : title);
		});
	}
});

test('there are enough of them', () => {
	const count = Object.values(groups).reduce((sum, cases) => sum + cases.length, 0);
	assert.ok(count >= 120, String(count));
	assert.equal(new Set(inEncodings.map(({charset}) => charset)).size, 38);
});

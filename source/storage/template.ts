import type {Head} from '../engine/seams.ts';
import {percentDecoded} from './disposition.ts';
import {extension, fileName, maxBytes, safeName, urlName} from './names.ts';

export type Facts = {
	head: Head;
	/** 1, 2, 3 … in the order of the input. */
	number: number;
};

/** What may stand in braces. Only `path` comes to more than one segment. */
const placeholders: Readonly<Record<string, (facts: Facts, width: number) => string>> = {
	host: ({head}) => new URL(head.url).host,
	path: ({head}) => [...folders(head), urlName(head)].join('/'),
	query: ({head}) => query(head).replace(/[/\\]/g, '_'),
	index: ({number}, width) => String(number).padStart(width, '0'),
	name: ({head}) => stem(fileName(head)),
	ext: ({head}) => extension(fileName(head)),
	file: ({head}) => fileName(head),
};

const token = /\{\{|\}\}|\{(?<name>[a-z]+)(?::(?<width>\d{1,2}))?\}|[{}]/g;

/** Deeper than this, and longer, systems refuse (macOS: 1024 bytes in all). */
const maxFolders = 31;
const maxFolderBytes = 512;

/** Why a template cannot be used; the first that holds. The sentence goes on from "… is invalid: ". */
const problems: ReadonlyArray<readonly [holds: (template: string) => boolean, sentence: string]> = [
	[text => text === '', 'it must not be empty'],
	[text => /\p{Cc}/u.test(text), 'it must not hold control characters'],
	[
		text => /^\/|^[a-z]:|\\|(?:^|\/)\.\.[. ]*(?:\/|$)/i.test(text),
		'it must stay in the folder (no .. and no / or drive at the start), with / between names',
	],
	[text => /(?:^|\/)\.?$/.test(text), 'it must end in a file name'],
	[
		text => [...text.matchAll(token)].some(isWrong),
		`it must have in braces only ${Object.keys(placeholders).join(', ')} or index:4; {{ and }} are the braces themselves`,
	],
	[
		text => /\.(?:part|bad)$|(?:^|\/)\.fetchtop[^/]*$/i.test(text),
		'it must not be a name of fetchtop itself (.part, .bad, .fetchtop…)',
	],
	[text => text.split('/').some(isLong), `it must have names of at most ${maxBytes} bytes`],
];

/** Whether it has a placeholder, and thus may name more than one file. */
export function isTemplate(text: string): boolean {
	return [...text.matchAll(token)].some(({groups}) => groups?.name !== undefined);
}

/** What is wrong with it, as the rest of the sentence "… is invalid: …". */
export function templateProblem(template: string): string | undefined {
	return problems.find(([holds]) => holds(template))?.[1];
}

/**
 * The path a body is saved under, relative and with `/`, by a template without a problem. What a placeholder is part of is
 * made safe, so that no server has a say in where it leads; what has none is the user's own word, and kept (`.config`).
 */
export function expandTemplate(template: string, facts: Facts): string {
	const segments = template.split('/').filter(segment => !/^\.?$/.test(segment));
	return bounded(
		segments.flatMap(segment => {
			const text = filled(segment, facts);
			return isTemplate(segment) ? text.split('/').map(safe) : [text];
		}),
	);
}

function filled(segment: string, facts: Facts): string {
	return segment.replace(token, (brace, name: string | undefined, width = '0') =>
		name === undefined ? brace.slice(0, 1) : (placeholders[name]?.(facts, Number(width)) ?? ''),
	);
}

/** Folders that would lead too deep become part of the name. */
function bounded(segments: readonly string[]): string {
	let bytes = 0;
	const tooDeep = segments.findIndex((segment, index) => {
		bytes += Buffer.byteLength(segment) + 1;
		return index >= maxFolders || bytes > maxFolderBytes;
	});
	const depth = tooDeep < 0 ? segments.length - 1 : Math.min(tooDeep, segments.length - 1);
	const rest = segments.slice(depth);
	return [...segments.slice(0, depth), rest.length > 1 ? safe(rest.join('_')) : rest[0]].join('/');
}

function safe(text: string): string {
	return safeName(text) || '_';
}

function stem(file: string): string {
	return file.slice(0, file.length - extension(file).length);
}

/** The URL's folders, each of them one. */
function folders({url}: Head): string[] {
	const segments = new URL(url).pathname.split('/').slice(0, -1);
	return segments.filter(segment => segment !== '').map(segment => safe(percentDecoded(segment)));
}

/** `?a=b&c` → `a=b_c` */
function query({url}: Head): string {
	return [...new URL(url).searchParams].map(([name, value]) => (value ? `${name}=${value}` : name)).join('_');
}

function isWrong({0: text, groups}: RegExpExecArray): boolean {
	const {name, width} = groups ?? {};
	if (name === undefined) return text.length === 1;
	return !Object.hasOwn(placeholders, name) || (width !== undefined && name !== 'index');
}

function isLong(segment: string): boolean {
	return Buffer.byteLength(segment) > maxBytes;
}

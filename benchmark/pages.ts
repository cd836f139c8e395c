import {globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {seeded} from './statistics.ts';

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What a page is made of, as HTML: the paragraphs, tables and programs of this repository's texts and those of its packages. */
export function blocksOf(root: string): string[] {
	const files = [
		'README.md',
		'CONTRIBUTING.md',
		...globSync('node_modules/{*,@*/*}/README.md', {cwd: root}).toSorted(),
	];
	return files.flatMap(file =>
		readFileSync(path.join(root, file), 'utf8')
			.split(/\n{2,}/)
			.filter(block => block.trim().length > 40 && block.length < 8_000)
			.map(block => blockOf(block.trim())),
	);
}

/** Not all of Markdown, but the tags of a page of documentation in their usual mixture. */
function blockOf(text: string): string {
	const lines = text.split('\n');
	if (text.startsWith('```')) return codeOf(lines.slice(1).join('\n').replace(/```$/, ''));
	if (lines.length > 2 && lines.every(line => line.startsWith('|'))) return tableOf(lines);
	if (lines.every(line => /^\s*[-*] /.test(line)))
		return `<ul>${lines.map(line => `<li>${inline(line.replace(/^\s*[-*] /, ''))}</li>`).join('\n')}</ul>`;
	const heading = /^(#+) (.*)/.exec(text);
	return heading ? `<h3 class="title">${inline(heading[2] ?? '')}</h3>` : `<p>${inline(text)}</p>`;
}

/** Highlighted, as documentation has it: most of the tags of such pages are these. */
const codeOf = (code: string) =>
	`<div class="highlight"><pre><code>${escaped(code).replace(
		/\b(?:const|import|from|await|async|function|return|new|if|for|of|true|false)\b/g,
		'<span class="keyword">$&</span>',
	)}</code></pre></div>`;

const tableOf = (lines: readonly string[]) =>
	`<table class="docutils"><tbody>${lines
		.map(
			line =>
				`<tr>${line
					.split('|')
					.slice(1, -1)
					.map(cell => `<td>${inline(cell.trim())}</td>`)
					.join('')}</tr>`,
		)
		.join('\n')}</tbody></table>`;

const inline = (text: string) =>
	escaped(text)
		.replace(/`([^`]+)`/g, '<code class="literal">$1</code>')
		.replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
		.replace(/\[([^\]]+)\]\(([^)\s"]+)\)/g, '<a class="reference external" href="$2">$1</a>');

export const titleOf = (index: number) => `Page ${index} — fetching & showing “things”`;

/** A page of documentation with a navigation, sections and a footer. @param bytes about as many as it gets, always the same for one index */
export function pageOf(blocks: readonly string[], index: number, bytes: number): string {
	const random = seeded(index);
	const links = Math.min(200, Math.floor(bytes / 600));
	const parts = [
		head(index),
		`<nav><ul>${Array.from({length: links}, (_, link) => entry(link)).join('\n')}</ul></nav>\n<main>`,
	];
	let size = parts.reduce((sum, part) => sum + part.length, 0);
	for (let section = 1; size < bytes - 200; section++) {
		const block = blocks[Math.floor(random() * blocks.length)] ?? '';
		// A page of ten kB is not to become one of eighteen by its last block.
		if (size + block.length > bytes * 1.1) continue;
		const part =
			section % 6 === 1 ? `<section id="s${section}"><h2>Section ${section}</h2></section>\n${block}` : block;
		parts.push(part);
		size += part.length + 1;
	}
	parts.push('</main>\n<footer><p>Made for a benchmark.</p></footer>\n</body>\n</html>\n');
	return parts.join('\n');
}

const entry = (link: number) =>
	`<li class="toctree-l${1 + (link % 3)}"><a class="reference internal" href="#s${link}">Section ${link}</a></li>`;

const head = (index: number) => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/style.css" type="text/css">
<title>${escaped(titleOf(index))}</title>
<script>window.options = {root: "/", search: true};</script>
</head>
<body class="documentation">`;

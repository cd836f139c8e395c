import {existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {Bench, Case, Contestant, Outcome, Places, Program, Row, Urls} from './contestants.ts';
import {numbered, weigh} from './data.ts';
import {commandLine, withoutFolders} from './machine.ts';
import {measure, type Sample, unmeasured} from './measure.ts';
import {packagesOf} from './peers.ts';

/** All contestants, one after the other, as often as there are rounds: what slows the machine for a while slows all of them. */
export async function runCase(each: Case, bench: Bench, rounds: number): Promise<Outcome> {
	const isHere = ({needs}: Contestant) => needs === undefined || bench.peers[needs] !== undefined;
	const present = each.contestants.filter(isHere);
	const left = each.contestants
		.filter(contestant => !isHere(contestant))
		.map(({name, needs}) => `${name} is left out: it is not installed (apt-get install ${needs && packagesOf(needs)})`);
	const rows: Row[] = present.map(contestant => ({
		name: contestant.name,
		command: commandOf(contestant, bench),
		samples: [],
	}));
	const failed = new Set<Contestant>();
	const turns = rounds * (each.turns?.(bench.amounts) ?? 1);
	for (let turn = 0; turn < turns; turn++) {
		for (const [index, contestant] of present.entries()) {
			if (failed.has(contestant)) continue;
			try {
				rows[index]?.samples.push(...(await run(contestant, bench)));
			} catch (error) {
				// What the others do is still worth knowing, and an hour is long.
				failed.add(contestant);
				left.push(`${contestant.name} is left out: ${withoutFolders(String(error), bench).trim()}`);
			}
		}
		process.stderr.write('.');
	}
	return {
		case: each,
		rows: rows.filter(row => ![...failed].some(({name}) => name === row.name)),
		left,
		hasFailed: failed.size > 0,
	};
}

const run = async (contestant: Contestant, bench: Bench): Promise<Sample[]> =>
	'probe' in contestant
		? (await contestant.probe(bench)).map(each => ({
				...unmeasured,
				...(typeof each === 'number' ? {wall: each} : each),
			}))
		: [await runProgram(contestant, bench)];

const commandOf = (contestant: Contestant, bench: Bench): string =>
	'probe' in contestant
		? contestant.does
		: commandLine(contestant.command(bench, placesOf(contestant.urls(bench.amounts), bench)), bench);

async function runProgram(program: Program, bench: Bench): Promise<Sample> {
	const urls = program.urls(bench.amounts);
	const places = placesOf(urls, bench);
	const clear = () => rmSync(places.out, {recursive: true, force: true});
	clear();
	mkdirSync(places.out);
	const sample = await measure(program.command(bench, places), bench.folder, program.inTerminal);
	check(program, urls, bench, places);
	clear();
	return sample;
}

/** Throws if it is fast because it did less. */
function check({name, check}: Program, urls: Urls, bench: Bench, {out}: Places): void {
	if (check === 'lines') {
		const lines = readFileSync(path.join(bench.folder, 'stdout'), 'utf8').trimEnd().split('\n');
		const titled = lines.filter(line => line.includes('fetching & showing “things”'));
		if (lines.length !== urls.count || titled.length !== urls.count)
			throw new Error(`${name} told ${titled.length} titles of ${urls.count} on ${lines.length} lines`);
	}
	if (check === 'files') {
		const saved = weigh(out);
		const bytes = bytesOf(urls, bench);
		if (saved.count !== urls.count || saved.bytes !== bytes)
			throw new Error(`${name} saved ${saved.count} files of ${urls.count}, ${saved.bytes} bytes of ${bytes}`);
	}
}

/** Of a case's URLs, once for all who ask for the same ones. */
function placesOf(urls: Urls, {folder, origin}: Bench): Places {
	const lists = path.join(folder, 'lists');
	const name = `${urls.path}-${urls.count}`;
	const places = {
		list: path.join(lists, `${name}.txt`),
		curlList: path.join(lists, `${name}.curl`),
		out: path.join(folder, 'out'),
	};
	if (existsSync(places.list)) return places;
	mkdirSync(lists, {recursive: true});
	const all = Array.from({length: urls.count}, (_, index) => `${origin}/${urls.path}/${nameOf(urls, index)}`);
	writeFileSync(places.list, `${all.join('\n')}\n`);
	writeFileSync(places.curlList, all.map(url => `url = "${url}"\n`).join(''));
	return places;
}

const nameOf = ({ending, count, repeats = count}: Urls, index: number) =>
	`${numbered(index % repeats)}${ending}${index < repeats ? '' : `?${Math.floor(index / repeats)}`}`;

/** What all bodies weigh together. */
function bytesOf({path: name, count}: Urls, {folder}: Bench): number {
	const site = path.join(folder, 'site');
	const folderOf = name === 'slow' ? 'pages' : name;
	const file = path.join(site, `${name}.bin`);
	return existsSync(file) ? count * statSync(file).size : weigh(path.join(site, folderOf)).bytes;
}

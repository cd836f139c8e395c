import {sanitize} from '../format/sanitize.ts';
import {fit, width} from '../format/width.ts';
import type {Given} from './given.ts';
import {plainName} from './option-names.ts';
import {defaults, type OptionSpec, optionSpecs} from './options.ts';
import {withoutSecrets} from './secrets.ts';
import {type Settled, settledBy} from './settle.ts';

/** A value as a config file would have it. */
type Plain = boolean | number | string | null | readonly Plain[];

type Row = {option: string; value: Plain; source: 'flag' | 'environment' | 'file' | 'default'; name?: string};

/** What `--print-config` shows: for each option its value, without secrets, and where it is from. */
export function printedConfig(settled: Settled): string {
	const rows = optionSpecs.filter(({name}) => name !== 'printConfig').map(spec => rowOf(spec, settled));
	return settled.options.json ? json(rows, settled) : table(rows, settled);
}

function rowOf(spec: OptionSpec, {options, givens, file}: Settled): Row {
	const {name} = spec;
	const given = givens.get(settledBy(name, options));
	const value =
		name === 'config' ? (file?.name ?? 'none') : spec.parse ? plainValue(spec, given) : options[name] === true;
	return {option: plainName(name), value, ...(given ? fromOf(given) : {source: 'default'})};
}

const fromOf = ({origin: {kind, name}}: Given): Pick<Row, 'source' | 'name'> => ({source: kind, name});

function plainValue({name, standard}: OptionSpec, given: Given | undefined): Plain {
	const isNumber = typeof (given?.value ?? defaults[name]) === 'number';
	const plain = (text: string): Plain =>
		isNumber && /^\d+(\.\d+)?$/.test(text) ? Number(text) : withoutSecrets(name, text);
	const texts = given?.texts ?? [];
	if (Array.isArray(defaults[name])) return texts.map(plain);
	const [text = standard === 'no limit' ? undefined : standard] = texts;
	return text === undefined ? null : plain(text);
}

function json(rows: readonly Row[], {options: {keys}, file}: Settled): string {
	const all = [
		...rows.map(({option, ...row}) => [option, option === 'config' ? {...row, exists: file?.isThere ?? false} : row]),
		['keys', {value: keys, ...keysFrom(keys, file)}],
	];
	return `${JSON.stringify(Object.fromEntries(all), null, '\t')}\n`;
}

const keysFrom = (keys: Settled['options']['keys'], file: Settled['file']): Pick<Row, 'source' | 'name'> =>
	file && Object.keys(keys).length > 0 ? {source: 'file', name: file.name} : {source: 'default'};

function table(rows: readonly Row[], {options: {keys}, file}: Settled): string {
	const lines = rows.flatMap(({option, value, source, name}) => {
		const missing = option === 'config' && file?.isThere === false ? ' (not there)' : '';
		return cellsOf(value).map((text, index) => {
			const shown = sanitize(text) + missing;
			return index === 0 ? [option, shown, sanitize(name ?? source)] : ['', shown, ''];
		});
	});
	for (const [action, spellings] of Object.entries(keys))
		lines.push([sanitize(`keys.${action}`), sanitize(spellings.join(' ')), sanitize(file?.name ?? '')]);
	const all = [['option', 'value', 'from'], ...lines];
	const widths = [0, 1].map(column => Math.max(...all.map(cells => width(cells[column] ?? ''))));
	return all
		.map(([option = '', value = '', from = '']) =>
			`${fit(option, widths[0] ?? 0)}  ${fit(value, widths[1] ?? 0)}  ${from}`.trimEnd(),
		)
		.concat('')
		.join('\n');
}

function cellsOf(value: Plain): readonly string[] {
	if (Array.isArray(value)) return value.length > 0 ? value.map(String) : ['-'];
	return [value === null ? '-' : String(value)];
}

import type {Outcome, Requirement, Row} from './contestants.ts';
import type {Amounts} from './data.ts';
import type {Metric, Sample} from './measure.ts';
import {median, quantile, ratio} from './statistics.ts';

type Column = {title: string; show(value: number): string};

const seconds = (value: number) => value.toFixed(value < 1 ? 3 : 2);
const milliseconds = (value: number) => (value * 1000).toFixed(1);
const whole = (value: number) => value.toFixed(0);

/** What is measured, as it stands in the table of a case that has it. */
const columns: Readonly<Record<Metric, Column>> = {
	wall: {title: 'wall s', show: seconds},
	cpu: {title: 'CPU s', show: seconds},
	memory: {title: 'peak MB', show: value => (value / 1e6).toFixed(0)},
	core: {title: 'CPU %', show: value => (value * 100).toFixed(1)},
	frames: {title: 'frames', show: whole},
	frameBytes: {title: 'bytes a frame', show: whole},
	bytes: {title: 'bytes', show: whole},
	p50: {title: 'p50 ms', show: milliseconds},
	p99: {title: 'p99 ms', show: milliseconds},
};
const metrics = Object.keys(columns) as Metric[];

/** Of the peers', which are compared. */
const compared = ['wall', 'cpu', 'memory'] as const;

/** What a contestant's samples come to. */
export function summaryOf(row: Row | undefined, statistic: 'p99' | undefined): Required<Sample> {
	const of = (metric: Metric) => {
		const values = row?.samples.map(sample => sample[metric] ?? Number.NaN) ?? [];
		return statistic === 'p99' ? quantile(values, 0.99) : median(values);
	};
	return Object.fromEntries(metrics.map(metric => [metric, of(metric)])) as Required<Sample>;
}

/** A requirement's value; NaN where a contestant is missing. */
export function measuredOf({of, against, metric, relation}: Requirement, outcome: Outcome): number {
	const summary = (name: string | undefined) =>
		summaryOf(
			outcome.rows.find(row => row.name === name),
			outcome.case.statistic,
		)[metric];
	if (relation === 'times') return ratio(summary(of), summary(against));
	return relation === 'more' ? summary(of) - summary(against) : summary(of);
}

export const verdictOf = (value: number, atMost: number): string =>
	Number.isNaN(value)
		? 'not measured'
		: value <= atMost
			? 'met'
			: `not met (${(value / atMost).toFixed(2)} × the limit)`;

const show = (value: number, format: (value: number) => string) => (Number.isNaN(value) ? '–' : format(value));
const times = (value: number) => show(value, number => `${number < 0.1 ? number.toFixed(3) : number.toFixed(2)} ×`);

/** A limit or a value of a requirement, in its unit. */
function quantity(value: number, {relation, metric}: Requirement): string {
	if (relation === 'times') return times(value);
	return show(value, unitsOf[metric] ?? (number => `${milliseconds(number)} ms`));
}

const unitsOf: Readonly<Partial<Record<Metric, (value: number) => string>>> = {
	memory: value => `${(value / 1e6).toFixed(1)} MB`,
	core: value => `${columns.core.show(value)} %`,
	frameBytes: value => `${whole(value)} bytes`,
};

/** Cells of equal width: it is read in a terminal too. The first columns are text, the others numbers from `numbers` on. */
function table(rows: readonly string[][], numbers: number): string {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map(row => row[column]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${widths.map((width, at) => (at < numbers ? (cells[at] ?? '').padEnd(width) : (cells[at] ?? '').padStart(width))).join(' | ')} |`;
	const rule = widths.map((width, at) => (at < numbers ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
	return [line(rows[0] ?? []), line(rule), ...rows.slice(1).map(line)].join('\n');
}

/** Medians of a case; where fetchtop is one of several, what it needs over what the row needs. */
export function caseTable(outcome: Outcome): string {
	const {rows, left} = outcome;
	const own = rows.find(({name}) => name === 'fetchtop');
	const base = own && rows.length > 1 ? summaryOf(own, outcome.case.statistic) : undefined;
	const ratios = base ? ['wall ratio', 'CPU ratio', 'memory ratio'] : [];
	const summaries = rows.map(row => summaryOf(row, outcome.case.statistic));
	const measured = metrics.filter(metric => summaries.some(summary => !Number.isNaN(summary[metric])));
	const body = rows.map((row, index) => {
		const summary = summaries[index] as Required<Sample>;
		const cells = measured.map(metric => show(summary[metric], columns[metric].show));
		const relative = base
			? compared.map(metric => (row === own ? '' : times(ratio(base[metric], summary[metric]))))
			: [];
		return [row.name, ...cells, ...relative];
	});
	const head = ['', ...measured.map(metric => columns[metric].title), ...ratios];
	return [table([head, ...body], 1), ...left.map(line => `\n${line}`)].join('\n');
}

export function requirementTable(outcomes: readonly Outcome[]): string {
	const rows = outcomes.flatMap(outcome =>
		outcome.case.requirements.map(requirement => {
			const value = measuredOf(requirement, outcome);
			const {work, against, metric, atMost} = requirement;
			const what =
				requirement.relation === 'times' ? `${metric} of ${against}` : against ? `more than ${against}` : metric;
			return [work, what, quantity(atMost, requirement), quantity(value, requirement), verdictOf(value, atMost)];
		}),
	);
	return table([['work', 'against', 'at most', 'measured', ''], ...rows], 2);
}

/** All that is known of a run, for RESULTS.md. */
export type Report = {
	machine: ReadonlyArray<readonly [what: string, value: string]>;
	amounts: Amounts;
	rounds: number;
	method: string;
	outcomes: readonly Outcome[];
};

export function markdown({machine, amounts, rounds, method, outcomes}: Report): string {
	return `# Results

Made by \`npm run benchmark\`; how, and how to read it, is in [CONTRIBUTING.md](../CONTRIBUTING.md). ${rounds === 1 ? 'One round' : `Medians of ${rounds} rounds`},
in which the contestants took turns. ${method}
Ratios are fetchtop's value over that of the row: below 1, fetchtop needs less.

${machine.map(([what, value]) => `- ${what}: ${value}`).join('\n')}

## Required

${requirementTable(outcomes)}

## Measured
${outcomes.map(outcome => section(outcome, amounts)).join('')}`;
}

const section = (outcome: Outcome, amounts: Amounts) => `
### ${outcome.case.title(amounts)}

${caseTable(outcome)}

\`\`\`sh
${outcome.rows.map(({name, command}) => `${command}  # ${name}`).join('\n')}
\`\`\`
`;

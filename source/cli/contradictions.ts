import {isTemplate} from '../storage/template.ts';
import type {Givens} from './given.ts';
import {contraryName, plainName} from './option-names.ts';
import {type OptionName, type Options, optionSpecs} from './options.ts';
import {UsageError} from './usage-error.ts';

/** Whether an option matters here. */
type LooksAt = (name: OptionName) => boolean;

type Rule = readonly [applies: boolean, names: readonly OptionName[], message: string];

/** Options that contradict each other. */
function rulesFor(options: Options, givens: Givens, looksAt: LooksAt): readonly Rule[] {
	const {urls, input, output, json, events, plain, quiet, dashboard, save, titlesOnly, checksum, checksums} = options;
	const {random, seed} = options;
	const several = urls.length > 1 || input.length > 0;
	const unsaved = !save || output === '-';
	const unsaving: OptionName = titlesOnly ? 'titlesOnly' : 'save';
	return [
		[
			output !== undefined && several && !isTemplate(output),
			['output'],
			"'-o, --output' names one file, but there may be several URLs; use '-d, --dir' or a template such as '{host}/{path}'",
		],
		[
			output !== undefined && random !== undefined && random > 1 && !isTemplate(output),
			['output', 'random'],
			"'-o, --output' names one file, but '--random' runs several tasks; use '-d, --dir' or a template such as '{index}-{file}'",
		],
		// Where it is set for good, it is for those runs that draw.
		[
			looksAt('random') && seed !== undefined && isFlag(givens, 'seed') && random === undefined,
			['seed'],
			"'--seed' repeats what '--random' has drawn; add '--random' with the number of tasks",
		],
		[
			random !== undefined && isFlag(givens, 'duplicates') && givens.get('duplicates')?.value === false,
			['random'],
			"'--random' draws URLs more than once; '--no-duplicates' contradicts it",
		],
		[
			output !== undefined && !save,
			['output', unsaving],
			`'-o, --output' and '${titlesOnly ? '--titles-only' : '--no-save'}' contradict each other`,
		],
		[
			titlesOnly && options.extract.length > 0,
			['extract', 'titlesOnly'],
			"'-e, --extract' searches whole pages, and '--titles-only' does not read them",
		],
		[
			titlesOnly && isFlag(givens, 'save') && givens.get('save')?.value === true,
			['titlesOnly'],
			"'--titles-only' and '--save' contradict each other",
		],
		[
			checksum !== undefined && several,
			['checksum'],
			"'--checksum' is for a single URL; use '--checksums' for several",
		],
		[
			(checksum ?? checksums) !== undefined && unsaved,
			['checksum', 'checksums', unsaving, 'output'],
			"'--checksum' and '--checksums' verify files, but with '--no-save' or '-o -' there is none",
		],
		[
			checksum !== undefined && checksums !== undefined,
			['checksum', 'checksums'],
			"'--checksum' and '--checksums' contradict each other",
		],
		[options.fresh && options.update, ['fresh', 'update'], "'--fresh' and '--update' contradict each other"],
		[json && events === '-', ['json', 'events'], "'--json' and '--events -' both want stdout; give the events a file"],
		[
			output === '-' && (json || events === '-'),
			['output', 'json', 'events'],
			"'-o -' and the records both want stdout",
		],
		[plain && dashboard, ['plain', 'dashboard'], "'--plain' and '--dashboard' contradict each other"],
		[quiet && dashboard, ['quiet', 'dashboard'], "'--quiet' and '--dashboard' contradict each other"],
	];
}

const isFlag = (givens: Givens, name: OptionName): boolean => givens.get(name)?.origin.kind === 'flag';

/** Throws a `UsageError` for the first contradiction; it says where an option is from that nobody has typed. */
export function refuseContradictions(options: Options, givens: Givens, looksAt: LooksAt = () => true): void {
	const broken = rulesFor(options, givens, looksAt).find(([applies]) => applies);
	if (!broken) return;
	const [, names, message] = broken;
	const sources = names.flatMap(name => {
		const given = givens.get(name);
		if (!given || given.origin.kind === 'flag') return [];
		const where = given.origin.kind === 'file' ? JSON.stringify(given.origin.name) : given.origin.name;
		const spec = optionSpecs.find(option => option.name === name);
		const contrary = spec && contraryName(spec);
		const remedy = contrary === undefined ? '' : ` (--${contrary} takes it back)`;
		return [`'${plainName(name)}' is from ${where}${remedy}`];
	});
	throw new UsageError([message, ...sources].join('; '));
}

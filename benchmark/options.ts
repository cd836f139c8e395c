import {parseArgs} from 'node:util';

export type Options = {
	quick: boolean;
	rounds: number;
	/** None: all. */
	cases: readonly string[];
	profile: boolean;
	note: string;
};

export const usage = `usage: npm run benchmark -- [options]

  --quick        small amounts, one round; done in about a minute; writes no RESULTS.md
  --rounds N     times that each contestant runs (default 5; 1 with --quick)
  --case NAME    only this case; repeatable; writes no RESULTS.md
  --profile      a CPU profile of each run of fetchtop, in the current folder, for Chrome's developer tools
  --note TEXT    something about the machine to put into RESULTS.md
`;

/** @param known names of cases. Throws what is wrong in one sentence. */
export function parseOptions(argv: readonly string[], known: readonly string[]): Options | 'help' {
	const {values} = parseArgs({
		args: [...argv],
		options: {
			quick: {type: 'boolean', default: false},
			rounds: {type: 'string'},
			case: {type: 'string', multiple: true, default: []},
			profile: {type: 'boolean', default: false},
			note: {type: 'string', default: ''},
			help: {type: 'boolean', short: 'h', default: false},
		},
	});
	if (values.help) return 'help';
	const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
	if (!Number.isInteger(rounds) || rounds < 1)
		throw new Error(`--rounds takes a whole number from 1, not ${values.rounds}`);
	const unknown = values.case.find(name => !known.includes(name));
	if (unknown !== undefined) throw new Error(`there is no case ${unknown}; there are ${known.join(', ')}`);
	return {quick: values.quick, rounds, cases: values.case, profile: values.profile, note: values.note};
}

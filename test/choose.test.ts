import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {chooseScreen, type Situation} from '../source/reporters/choose.ts';

type Given = Partial<Situation['options']> & {terminal?: boolean; env?: Situation['env']};

const screenFor = ({terminal = true, env = {TERM: 'xterm-256color'}, ...options}: Given): string => {
	const {screen, on} = chooseScreen({
		stdoutIsTerminal: terminal,
		env,
		options: {json: false, plain: false, quiet: false, dashboard: false, ...options},
	});
	return `${screen} on ${on}`;
};

const rules: ReadonlyArray<readonly [Given, string]> = [
	[{}, 'dashboard on stdout'],
	[{env: {}}, 'dashboard on stdout'],
	[{terminal: false}, 'plain on stdout'],
	[{plain: true}, 'plain on stdout'],
	[{terminal: false, plain: true}, 'plain on stdout'],
	[{env: {CI: 'true'}}, 'plain on stdout'],
	[{env: {CI: '1'}}, 'plain on stdout'],
	[{env: {CI: ''}}, 'dashboard on stdout'],
	[{env: {CI: 'false'}}, 'dashboard on stdout'],
	[{env: {CI: '0'}}, 'dashboard on stdout'],
	[{env: {TERM: 'dumb'}}, 'plain on stdout'],
	[{quiet: true}, 'quiet on stdout'],
	[{terminal: false, quiet: true}, 'quiet on stdout'],
	[{quiet: true, plain: true}, 'quiet on stdout'],
	[{json: true}, 'quiet on stderr'],
	[{terminal: false, json: true}, 'quiet on stderr'],
	[{events: '-'}, 'quiet on stderr'],
	[{events: 'file'}, 'dashboard on stdout'],
	[{terminal: false, events: 'file'}, 'plain on stdout'],
	[{output: 'file'}, 'dashboard on stdout'],
	[{output: '-'}, 'plain on stderr'],
	[{terminal: false, output: '-'}, 'plain on stderr'],
	[{quiet: true, output: '-'}, 'quiet on stderr'],
	[{dashboard: true}, 'dashboard on stdout'],
	[{dashboard: true, env: {CI: 'true'}}, 'dashboard on stdout'],
	[{dashboard: true, env: {TERM: 'dumb'}}, 'dashboard on stdout'],
	[{terminal: false, dashboard: true}, 'dashboard on terminal'],
	[{terminal: false, dashboard: true, json: true}, 'dashboard on terminal'],
	[{terminal: false, dashboard: true, output: '-'}, 'dashboard on terminal'],
	[{terminal: false, dashboard: true, env: {CI: 'true'}}, 'dashboard on terminal'],
];

suite('where a run is watched', () => {
	for (const [given, expected] of rules) {
		test(`${JSON.stringify(given)}: ${expected}`, () => assert.equal(screenFor(given), expected));
	}

	test('the choice says what decided it', () => {
		const options = {json: false, plain: false, quiet: false, dashboard: false};
		const {why} = chooseScreen({stdoutIsTerminal: true, env: {CI: '1'}, options});
		assert.equal(why, 'CI is set');
	});

	test('stdout that carries data never carries a screen, unless it is a terminal that was asked for both', () => {
		for (const terminal of [true, false])
			for (const data of [{json: true}, {events: '-'}, {output: '-'}])
				for (const more of [{}, {plain: true}, {quiet: true}, {dashboard: true}])
					assert.doesNotMatch(screenFor({terminal, ...data, ...more}), /stdout$/);
	});
});

import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {createTheme, type Theme} from '../source/dashboard/theme.ts';
import {finalStates, liveStates} from '../source/engine/task.ts';
import {contrast} from './helpers/contrast.ts';

const states = [...liveStates, ...finalStates];
const theme = createTheme({ascii: false, color: true});

/** What terminals make of the colors in use; where bold text is brightened (the console, xterm), red is what it comes to. */
const terminals: ReadonlyArray<{name: string; background: string; red: string; green: string; magenta: string}> = [
	{name: 'xterm, black', background: '#000000', red: '#ff0000', green: '#00cd00', magenta: '#cd00cd'},
	{name: 'xterm, white', background: '#ffffff', red: '#ff0000', green: '#00cd00', magenta: '#cd00cd'},
	{name: 'Solarized dark', background: '#002b36', red: '#dc322f', green: '#859900', magenta: '#d33682'},
	{name: 'Solarized light', background: '#fdf6e3', red: '#dc322f', green: '#859900', magenta: '#d33682'},
	{name: 'the Linux console', background: '#000000', red: '#ff5555', green: '#00aa00', magenta: '#aa00aa'},
	{name: 'GNOME dark', background: '#171421', red: '#c01c28', green: '#26a269', magenta: '#a347ba'},
	{name: 'GNOME light', background: '#ffffff', red: '#c01c28', green: '#26a269', magenta: '#a347ba'},
	{name: 'Terminal.app, Basic', background: '#ffffff', red: '#990000', green: '#00a600', magenta: '#b200b2'},
];

const codesOf = (text: string): number[] => [...text.matchAll(/\u001b\[(\d+)m/g)].map(([, code]) => Number(code));
const paints = (painted: Theme) => [
	...states.map(state => painted.state[state]),
	painted.strong,
	painted.faint,
	painted.alert,
	painted.selected,
];

suite('the colors', () => {
	test('are red, green, magenta, bold, dim and inverse, and no others', () => {
		const used = new Set(paints(theme).flatMap(paint => codesOf(paint('text'))));
		assert.deepEqual(
			[...used].toSorted((a, b) => a - b),
			[1, 2, 7, 22, 27, 31, 32, 35, 39],
		);
	});

	for (const {name, background, ...colors} of terminals) {
		test(`can be read in ${name}`, () => {
			const least = {red: 3, magenta: 3, green: background === '#ffffff' ? 2 : 3};
			for (const color of ['red', 'green', 'magenta'] as const) {
				const found = contrast(colors[color], background);
				assert.ok(found >= least[color] - 0.05, `${color}: ${found}`);
			}
		});
	}

	test('that is bold goes on being bold behind what is dim', () => {
		const line = theme.strong(`a ${theme.faint('b')} c`);
		assert.equal(line, '\u001b[1ma \u001b[2mb\u001b[22m\u001b[1m c\u001b[22m');
	});

	test('are none where none are wanted', () => {
		for (const paint of paints(createTheme({ascii: false, color: false}))) assert.equal(paint('text'), 'text');
	});
});

import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {createTheme, type Theme} from '../source/dashboard/drawing/theme.ts';
import {finalStates, liveStates} from '../source/engine/task.ts';
import {contrast} from './helpers/contrast.ts';

const states = [...liveStates, ...finalStates];
const theme = createTheme({ascii: false, color: true});

/** What terminals make of the colors in use: bright red, green and bright magenta. */
const terminals: ReadonlyArray<{name: string; background: string; red: string; green: string; magenta: string}> = [
	{name: 'xterm, black', background: '#000000', red: '#ff0000', green: '#00cd00', magenta: '#ff00ff'},
	{name: 'xterm, white', background: '#ffffff', red: '#ff0000', green: '#00cd00', magenta: '#ff00ff'},
	{name: 'Solarized dark', background: '#002b36', red: '#cb4b16', green: '#859900', magenta: '#6c71c4'},
	{name: 'Solarized light', background: '#fdf6e3', red: '#cb4b16', green: '#859900', magenta: '#6c71c4'},
	{name: 'the Linux console', background: '#000000', red: '#ff5555', green: '#00aa00', magenta: '#ff55ff'},
	{name: 'GNOME dark', background: '#171421', red: '#f66151', green: '#26a269', magenta: '#c061cb'},
	{name: 'GNOME light', background: '#ffffff', red: '#f66151', green: '#26a269', magenta: '#c061cb'},
	{name: 'Tango on white', background: '#ffffff', red: '#ef2929', green: '#4e9a06', magenta: '#ad7fa8'},
	{name: 'Tango on aubergine', background: '#300a24', red: '#ef2929', green: '#4e9a06', magenta: '#ad7fa8'},
	{name: 'Terminal.app, Basic', background: '#ffffff', red: '#e50000', green: '#00a600', magenta: '#e500e5'},
	{name: 'Windows Terminal', background: '#0c0c0c', red: '#e74856', green: '#13a10e', magenta: '#b4009e'},
	{name: 'VS Code dark', background: '#1e1e1e', red: '#f14c4c', green: '#0dbc79', magenta: '#d670d6'},
	{name: 'VS Code light', background: '#ffffff', red: '#cd3131', green: '#107c10', magenta: '#bc05bc'},
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
	test('are bright red, green, bright magenta, bold, dim and inverse, and no others', () => {
		const used = new Set(paints(theme).flatMap(paint => codesOf(paint('text'))));
		assert.deepEqual(
			[...used].toSorted((a, b) => a - b),
			[1, 2, 7, 22, 27, 32, 39, 91, 95],
		);
	});

	for (const {name, background, ...colors} of terminals) {
		test(`can be read in ${name}`, () => {
			const least = {red: 3, magenta: 3, green: name === 'xterm, white' ? 2 : 3};
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

	test('come with signs that ASCII has, an ellipsis in a hint too', () => {
		assert.equal(createTheme({ascii: true, color: false}).spell('host:… ↑↓ ↑ ↓ ⏎'), 'host:~ Up/Down Up Down Enter');
	});
});

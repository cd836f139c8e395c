import type {ReadonlyStore} from '../engine/store.ts';
import {count, plural} from '../format/number.ts';
import {osc} from '../format/osc.ts';
import type {Reporter, TextSink} from './reporter.ts';

type Env = Readonly<Record<string, string | undefined>>;

const bell = '\u0007';

/** How the terminals that have notifications want to be told; the first that fits. All others have at least the bell. */
const notifications: ReadonlyArray<{is(env: Env): boolean; tell(text: string): string}> = [
	{
		is: ({TERM, KITTY_WINDOW_ID}) => TERM === 'xterm-kitty' || Boolean(KITTY_WINDOW_ID),
		tell: text => osc(99, '', `fetchtop: ${text}`),
	},
	{is: ({TERM_PROGRAM}) => TERM_PROGRAM === 'iTerm.app', tell: text => osc(9, `fetchtop: ${text}`)},
	{
		is: ({TERM = '', TERM_PROGRAM = '', VTE_VERSION}) =>
			/^(foot|rxvt-unicode|xterm-ghostty)/.test(TERM) ||
			/^(ghostty|WezTerm)$/.test(TERM_PROGRAM) ||
			Boolean(VTE_VERSION),
		tell: text => osc(777, 'notify', 'fetchtop', text),
	},
];

/**
 * The bell, and a notification where the terminal has one. Inside tmux and screen the bell alone: they show in which window it rang,
 * they keep the rest to themselves, and the variables are those of the terminal that started them.
 */
export function notification(text: string, env: Env): string {
	if (env.TMUX || env.STY) return bell;
	return bell + (notifications.find(({is}) => is(env))?.tell(text) ?? '');
}

/** `10 tasks: 7 done, 3 failed` */
function outcome({counts}: ReadonlyStore): string {
	const {done, skipped, failed, canceled} = counts;
	const told = Object.entries({done, skipped, failed, canceled}).filter(
		([state, number]) => number > 0 || state === 'done',
	);
	const parts = told.map(([state, number]) => `${count(number)} ${state}`);
	return `${plural(done + skipped + failed + canceled, 'task')}: ${parts.join(', ')}`;
}

/** `--notify`: rings at the end of a run, also of one that was taken up again. Who has stopped it does not have to be told. */
export function notifyReporter(out: TextSink, env: Env): Reporter {
	let stop = () => {};
	return {
		start(engine) {
			let isStopped = false;
			stop = engine.subscribe(event => {
				if (event.type !== 'run') return;
				if (event.state === 'ended' && !isStopped) out.write(notification(outcome(engine.store), env));
				isStopped = event.state === 'stopping';
			});
		},
		async finish() {
			stop();
		},
	};
}

import {setImmediate as turn} from 'node:timers/promises';
import {UsageError} from '../cli/usage-error.ts';
import {type Handlers, handle} from '../engine/handlers.ts';
import {systemClock} from '../engine/seams.ts';
import {openWork, type Work} from '../work.ts';
import {EventBatches} from './event-batches.ts';
import {ItemFeed} from './item-feed.ts';
import {type Boot, endedAt, type FromEngine, type ToEngine} from './messages.ts';

/** Runs an engine for another thread: its commands and items come in by the port, events go out. */
export async function serve({port, options, attended, ended}: Boot): Promise<void> {
	const post = (message: FromEngine) => port.postMessage(message);
	let work: Work;
	try {
		work = await openWork(options, attended, message => post({type: 'complain', message}));
	} catch (error) {
		post({type: 'refused', error, isUsage: error instanceof UsageError});
		port.close();
		return;
	} finally {
		// After those of the work, so that all of them have been called when this is told.
		process.once('exit', code => tellEnd(ended, process.exitCode ?? code));
	}
	const {engine} = work;
	const batches = new EventBatches(engine, systemClock, batch => post({type: 'batch', ...batch}));
	// Behind the journal: what a screen shows as done must be what the next run will find.
	engine.subscribe(event => batches.add(event));
	post({type: 'opened'});
	const handlers = handlersOf(work, batches, post);
	port.on('message', (message: ToEngine) => handle(handlers, message));
}

function handlersOf(
	{engine, close}: Work,
	batches: EventBatches,
	post: (message: FromEngine) => void,
): Handlers<ToEngine> {
	const feeds = new Map<number, ItemFeed>();
	const run = async (number: number) => {
		const feed = new ItemFeed(
			items => post({type: 'took', run: number, items}),
			() => batches.room(),
		);
		feeds.set(number, feed);
		const failure = await engine.run(feed).then(
			() => undefined,
			error => ({error}),
		);
		// An item that was on its way into the engine has arrived by then, or has been given back.
		await turn();
		feeds.delete(number);
		batches.send();
		post({type: 'ran', run: number, items: feed.close(), broken: failure !== undefined, ...failure});
	};
	return {
		run: ({run: number}) => void run(number),
		items: ({run, items}) => feeds.get(run)?.add(items),
		end: ({run, ...end}) => feeds.get(run)?.end('error' in end ? {error: end.error} : undefined),
		async dispatch({command}) {
			engine.dispatch(command);
			// Whoever pressed a key waits for what comes of it.
			await turn();
			batches.send();
			post({type: 'dispatched'});
		},
		heard: ({entries}) => batches.heard(entries),
		async close() {
			const warnings = await close();
			batches.send();
			process.once('exit', () => post({type: 'closed', warnings}));
			process.exit();
		},
		leave: () => process.exit(),
	};
}

function tellEnd(ended: SharedArrayBuffer, code: number | string): void {
	const view = new Int32Array(ended);
	Atomics.store(view, endedAt.code, Number(code));
	Atomics.store(view, endedAt.flag, 1);
	Atomics.notify(view, endedAt.flag);
}

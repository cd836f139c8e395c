import {createEngine} from 'fetchtop';

const engine = createEngine({concurrency: 4, retries: 1});

engine.subscribe(event => {
	if (event.type === 'done') console.log(event.result.title, event.result.url);
	if (event.type === 'failed') console.error(event.result.error.message, event.result.url);
});

await engine.run(process.argv.slice(2));
await engine.close();

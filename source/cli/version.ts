import manifest from '../../package.json' with {type: 'json'};

export const {version} = manifest;
/** What servers see, unless `--user-agent` says otherwise. */
export const userAgent = `fetchtop/${version}`;

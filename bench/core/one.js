/** `node bench/core/one.js stores`: runs one bench and prints what it found. */
const { run } = await import(`./${process.argv[2]}.js`);
const found = await run({ say: (text) => console.log(text) });
if (process.argv[3] === '--json') console.log(JSON.stringify(found, null, 2));

// Says what is wrong with an OpenAPI document, by a validator that is not ours.
//   node validate.mjs FOLDER_OF_NODE_MODULES DOCUMENT
import { createRequire } from 'node:module';

const [modules, file] = process.argv.slice(2);
const { default: parser } = createRequire(`${modules}/`)('@apidevtools/swagger-parser');

try {
    const api = await parser.validate(file);
    console.log(`${api.info.title} ${api.info.version}: OpenAPI ${api.openapi}, ${Object.keys(api.paths).length} paths`);
} catch (problem) {
    console.error(problem.message);
    process.exit(1);
}

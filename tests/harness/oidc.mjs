// A certified OpenID Connect provider with a few people in it. Told by standard input to change its signing key.
//
// Usage: node oidc.mjs PACKAGES SETTINGS   (a folder with node_modules; a JSON file)

import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createInterface } from 'node:readline';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [packages, file] = process.argv.slice(2);
const settings = JSON.parse(readFileSync(file));
const entry = `${packages}/node_modules/oidc-provider/lib/index.js`;
const { Provider } = await import(pathToFileURL(entry));

let number = 0;
function newKey() {
  number += 1;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: `key-${number}` };
}

function provider() {
  return new Provider(settings.issuer, {
    clients: settings.clients,
    jwks: { keys: [newKey()] },
    cookies: { keys: ['a-key-for-tests-only'] },
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    conformIdTokenClaims: settings.userinfo,
    pkce: { required: () => true },
    async findAccount(ctx, id) {
      const claims = settings.people[id];
      return claims && { accountId: id, claims: async () => ({ sub: id, ...claims }) };
    },
  }).callback();
}

let handler = provider();
const answer = (request, response) => handler(request, response);
const tls = settings.certificate && { cert: readFileSync(settings.certificate), key: readFileSync(settings.key) };
const server = tls ? createHttps(tls, answer) : createHttp(answer);
server.listen(settings.port, '127.0.0.1', () => console.log('ready'));
createInterface({ input: process.stdin }).on('line', () => {
  handler = provider();
  console.log('rotated');
}).on('close', () => process.exit(0));

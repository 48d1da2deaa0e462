// Seals to a public key so that only its owner can read: HPKE (RFC 9180) in base mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, which
// every browser since 2018 can. What comes out is the sender's point and then the ciphertext.

import { type Bytes, join, utf8 } from "./_bytes";

const KEM = Uint8Array.of(0, 0x10);
const SUITE = Uint8Array.of(0, 0x10, 0, 0x01, 0, 0x02);
const NONE = new Uint8Array(0);

const hmac = async (key: Bytes, data: Bytes): Promise<Bytes> => {
  const k = await crypto.subtle.importKey("raw", key.length ? key : new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]); // no salt is 32 zeros (RFC 5869)
  return new Uint8Array(await crypto.subtle.sign("HMAC", k, data));
};

const extract = (suite: Bytes, salt: Bytes, label: string, key: Bytes): Promise<Bytes> => hmac(salt, join(utf8("HPKE-v1"), suite, utf8(label), key));

// expand returns at most 32 bytes, which is all that is asked for: one round of HKDF.
const expand = async (suite: Bytes, key: Bytes, label: string, info: Bytes, length: number): Promise<Bytes> =>
  (await hmac(key, join(Uint8Array.of(0, length), utf8("HPKE-v1"), suite, utf8(label), info, Uint8Array.of(1)))).slice(0, length);

// seal encrypts plain to the owner of an uncompressed point on P-256, for one use only.
export const seal = async (to: Bytes, info: Bytes, plain: Bytes): Promise<Bytes> => {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const mine = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const theirs = await crypto.subtle.importKey("raw", to, curve, false, []);
  const dh = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine.privateKey, 256));
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", mine.publicKey));

  const kem = join(utf8("KEM"), KEM);
  const shared = await expand(kem, await extract(kem, NONE, "eae_prk", dh), "shared_secret", join(point, to), 32);

  const suite = join(utf8("HPKE"), SUITE);
  const context = join(Uint8Array.of(0), await extract(suite, NONE, "psk_id_hash", NONE), await extract(suite, NONE, "info_hash", info));
  const secret = await extract(suite, shared, "secret", NONE);
  const key = await crypto.subtle.importKey("raw", await expand(suite, secret, "key", context, 32), "AES-GCM", false, ["encrypt"]);
  const iv = await expand(suite, secret, "base_nonce", context, 12);
  return join(point, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain)));
};

// Checks an Ed25519 signature (RFC 8032 §5.1.7), with the browser's own code where it has some (Chrome 137, Safari 17) and with a library where it has none.

import { verifyAsync } from "@noble/ed25519";

import type { Bytes } from "./_bytes";

// slowly is verify without the browser's help. What has the wrong length is no signature.
export const slowly = async (key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> => {
  try {
    return await verifyAsync(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
};

export const verify = async (key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> => {
  let k: CryptoKey;
  try {
    k = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return slowly(key, message, signature);
  }
  return crypto.subtle.verify({ name: "Ed25519" }, k, signature, message);
};

// The browser's database as promises. A write that people rely on is flushed to the phone's storage before it counts as done.

export const META = "meta"; // what is known while locked: keys that are wrapped, counters, settings
export const EVENT = "event"; // the log, by sequence number
export const THING = "thing"; // everything else, sealed

export const open = (name: string): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const r = indexedDB.open(name, 1);
    r.onupgradeneeded = () => {
      r.result.createObjectStore(META);
      r.result.createObjectStore(EVENT, { keyPath: "seq" });
      r.result.createObjectStore(THING);
    };
    r.onsuccess = () => {
      r.result.onversionchange = () => r.result.close(); // another tab erases the phone
      resolve(r.result);
    };
    r.onerror = () => reject(r.error);
    r.onblocked = () => reject(new Error("another tab holds the database"));
  });

export const erase = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const r = indexedDB.deleteDatabase(name);
    r.onsuccess = () => resolve();
    r.onerror = () => reject(r.error);
    r.onblocked = () => resolve(); // it goes when the other tab does
  });

export const get = <T>(db: IDBDatabase, store: string, key: IDBValidKey): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const r = db.transaction(store).objectStore(store).get(key) as IDBRequest<T | undefined>;
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(r.error);
  });

export const all = <T>(db: IDBDatabase, store: string): Promise<T[]> =>
  new Promise((resolve, reject) => {
    const r = db.transaction(store).objectStore(store).getAll() as IDBRequest<T[]>;
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(r.error);
  });

export const keys = (db: IDBDatabase, store: string): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const r = db.transaction(store).objectStore(store).getAllKeys();
    r.onsuccess = () => resolve(r.result.map(String));
    r.onerror = () => reject(r.error);
  });

// change runs write in one transaction over stores and resolves when all of it is on the phone's storage. What write does must be done by the
// callbacks of requests: a transaction ends while it waits for anything else.
export const change = (db: IDBDatabase, stores: string[], write: (tx: IDBTransaction) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const tx = db.transaction(stores, "readwrite", { durability: "strict" });
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new Error("the write was given up"));
    write(tx);
  });

export const put = (db: IDBDatabase, store: string, key: IDBValidKey, value: unknown): Promise<void> =>
  change(db, [store], (tx) => tx.objectStore(store).put(value, key));

export const remove = (db: IDBDatabase, store: string, key: IDBValidKey): Promise<void> => change(db, [store], (tx) => tx.objectStore(store).delete(key));

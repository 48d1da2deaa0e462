/*! wasm_exec.js, the part that loads the module: Copyright 2018 The Go Authors, BSD licence (go.dev/LICENSE) */

// Go's planner, beside the page, so that typing never waits for it. It is handed the compiled module first, then questions.

import "./wasm_exec.js";

declare const Go: new () => { importObject: WebAssembly.Imports; run(i: WebAssembly.Instance): Promise<void> };
declare const precinctPlan: (asked: string) => string;

self.onmessage = (e: MessageEvent<string | WebAssembly.Module>): void => {
  const given = e.data;
  if (typeof given === "string") {
    self.postMessage(precinctPlan(given));
    return;
  }
  const go = new Go();
  WebAssembly.instantiate(given, go.importObject).then(
    (planner) => {
      void go.run(planner);
      self.postMessage("ready");
    },
    () => self.postMessage(""),
  );
};

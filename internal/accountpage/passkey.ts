// Buttons with data-passkey ask the browser for a passkey ("get") or make one ("create") and hand the
// answer to the server, which says where to go.

type Challenge = { options: never; sealed: string };

async function post<T>(url: string, body: unknown): Promise<T> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said as T;
}

async function ask(b: HTMLButtonElement): Promise<string> {
  const { begin = "", finish = "", hint, next, passkey, nameFrom } = b.dataset;
  const challenge = await post<Challenge>(begin, {});
  const hints = hint ? [hint] : [];
  const got =
    passkey === "create"
      ? await navigator.credentials.create({ publicKey: { ...PublicKeyCredential.parseCreationOptionsFromJSON(challenge.options), hints } as PublicKeyCredentialCreationOptions })
      : await navigator.credentials.get({ publicKey: { ...PublicKeyCredential.parseRequestOptionsFromJSON(challenge.options), hints } as PublicKeyCredentialRequestOptions });
  const name = nameFrom ? (document.getElementById(nameFrom) as HTMLInputElement).value : "";
  const { to } = await post<{ to: string }>(finish, { sealed: challenge.sealed, answer: (got as PublicKeyCredential).toJSON(), name, next });
  return to;
}

const said = document.querySelector<HTMLElement>("[data-said]");

function say(text: string): void {
  if (said) said.textContent = text;
}

for (const b of document.querySelectorAll<HTMLButtonElement>("button[data-passkey]")) {
  const label = b.querySelector("span")!;
  const text = label.textContent;
  b.addEventListener("click", async () => {
    const { missing = "", refused = "", busy = "" } = b.dataset;
    if (!("PublicKeyCredential" in window) || !("parseCreationOptionsFromJSON" in PublicKeyCredential)) return say(missing);
    say("");
    b.setAttribute("aria-busy", "true");
    b.disabled = true;
    label.textContent = busy;
    try {
      location.assign(await ask(b));
    } catch (e) {
      say(e instanceof DOMException ? refused : (e as Error).message);
      b.disabled = false;
      b.removeAttribute("aria-busy");
      label.textContent = text;
      b.focus();
    }
  });
}

export {};

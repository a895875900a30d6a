// Sends a form's file with a progress bar. fetch() tells nothing of what was sent, so this is an XMLHttpRequest.
for (const form of document.querySelectorAll("form.upload")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const progress = form.querySelector("progress");
    const output = form.querySelector("output");
    if (button.disabled) return; // a second click
    const body = new FormData(form);
    const request = new XMLHttpRequest();
    const end = (text) => {
      button.disabled = false;
      progress.hidden = true;
      output.textContent = text;
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => (progress.value = loaded / total));
    request.addEventListener("error", () => end("The upload was interrupted."));
    request.addEventListener("load", () => {
      if (request.status === 201) location.reload();
      else if (request.status === 413 && !request.responseText.startsWith("“")) end("This file is too large.");
      else end(request.responseText.startsWith("<") ? "That did not work." : request.responseText);
    });
    button.disabled = true;
    progress.hidden = false;
    output.textContent = "";
    request.open("POST", form.action);
    request.send(body);
  });
}

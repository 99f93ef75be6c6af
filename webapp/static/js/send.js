// Send photos to the API. XMLHttpRequest, since fetch tells nobody how much of a body has gone out.

export function send(address, files, onProgress, fields = {}) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    for (const file of files) body.append("photo", file, file.name || "photo");
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "json";
    request.timeout = 120_000;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status === 201) {
        resolve(request.response);
      } else {
        reject(new Error(request.response?.detail ?? "That did not work. Please try again."));
      }
    });
    const unreachable = () => reject(new Error("Solescope cannot be reached. Check the connection and try again."));
    request.addEventListener("error", unreachable);
    request.addEventListener("timeout", unreachable);
    request.send(body);
  });
}

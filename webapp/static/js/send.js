// Send photos to the API. XMLHttpRequest, since fetch tells nobody how much of a body has gone out.

export function send(address, files, onProgress) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    for (const file of files) body.append("photo", file, file.name || "photo");
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

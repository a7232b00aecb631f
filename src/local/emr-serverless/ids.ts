const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Application and job run ids look like those of the documents, "00f1982r1uukb925": 16 characters after "00". */
export function newId(random: () => number, taken: (id: string) => boolean): string {
  let id = "";
  do {
    id = `00${Array.from({ length: 14 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("")}`;
  } while (taken(id));
  return id;
}

export function newEventId(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

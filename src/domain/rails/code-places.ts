import { staysBelow } from "./stays-below.ts";

/** Folders of EMR's own images: what lies there came with the release or with the application's image. */
const imageFolders = ["/usr/lib/", "/usr/share/"];

const isOfImage = (place: string): boolean => {
  const path = place.replace(/^(local|file):(\/\/)?(?=\/)/, "");
  return imageFolders.some((folder) => staysBelow(path, folder));
};

/** A placeholder or an escape could become `..` or another bucket after we looked. */
const isExpanded = (place: string): boolean => /[%$\\]/.test(place);

/** S3's URI without what stands for another client of the same bucket and key, and without the name after "#". */
const s3Uri = (place: string): string => place.replace(/^s3[an]:/, "s3:").replace(/#[^/#]*$/, "");

/** The entries of a list. Spaces are those that every program trims: any other one is part of a name. */
const entriesOf = (value: string, separator: string): string[] =>
  value
    .split(separator)
    .map((place) => place.replace(/^[ \t\n]+|[ \t\n]+$/g, ""))
    .filter((place) => place !== "");

/** The places of a list that code must not come from: outside of the prefixes and of EMR's own image. */
export const foreignPlaces = (value: string, prefixes: readonly string[]): string[] =>
  entriesOf(value, ",").filter((place) => {
    if (isExpanded(place)) return true;
    return !isOfImage(place) && !prefixes.some((prefix) => staysBelow(s3Uri(place), prefix));
  });

/** The entries of a class path that are not EMR's own image's: files that are shipped with a job need none. */
export const foreignClassPath = (value: string): string[] =>
  entriesOf(value, ":").filter((place) => isExpanded(place) || !isOfImage(place));

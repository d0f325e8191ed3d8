import { t } from "../../strings/en";

const largest = 2 * 1024 * 1024;
const types = ["image/png", "image/jpeg", "image/webp"];

export type ReadImage = { is: "refused"; message: string } | { is: "read"; type: string; base64: string };

/** Reads a logo, unless it is none that a page or an email may carry. */
export async function readImage(file: File): Promise<ReadImage> {
  const refused = refusal(file);
  if (refused) return { is: "refused", message: refused };
  const address = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  return { is: "read", type: file.type, base64: address.slice(address.indexOf(",") + 1) };
}

function refusal(file: File): string {
  if (file.type === "image/svg+xml") return t.brand.svg;
  if (!types.includes(file.type)) return t.brand.wrongType;
  return file.size > largest ? t.brand.tooBig : "";
}

// Google's clients look at the sheet that was made, add a row and read it.
import { drive } from "@googleapis/drive";
import { sheets } from "@googleapis/sheets";
import { OAuth2Client } from "google-auth-library";

const { BASE, DRIVE, SHEET, TOKEN } = process.env;
const auth = new OAuth2Client();
auth.setCredentials({ access_token: TOKEN });
const files = drive({ version: "v3", auth, rootUrl: `${DRIVE}/` });
const about = await files.about.get({ fields: "user(displayName,emailAddress,permissionId)" });
const file = await files.files.get({
  fileId: SHEET,
  fields: "id,name,trashed,capabilities(canEdit),isAppAuthorized",
  supportsAllDrives: true,
});
const table = sheets({ version: "v4", auth, rootUrl: `${BASE}/` });
const seen = await table.spreadsheets.get({
  spreadsheetId: SHEET,
  fields: "spreadsheetId,properties.title,sheets.properties.title",
});
const tab = seen.data.sheets[0].properties.title;
await table.spreadsheets.values.append({
  spreadsheetId: SHEET,
  range: tab,
  valueInputOption: "RAW",
  requestBody: { values: [["Maria Engel", "maria@customers.example"]] },
});
const rows = await table.spreadsheets.values.get({ spreadsheetId: SHEET, range: tab });
console.log(
  JSON.stringify({
    user: about.data.user.emailAddress,
    edits: file.data.capabilities.canEdit,
    title: seen.data.properties.title,
    rows: rows.data.values,
  }),
);

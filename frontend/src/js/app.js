// Everything works without these, but for frames that keep no cookie; each makes one thing more comfortable.
import { saveAnswers } from "./answers.js";
import { submitOnce, tellToClose } from "./connect.js";
import { copyButtons } from "./copy.js";
import { watchSession } from "./ending.js";
import { orderItems } from "./order.js";
import { choose, sendOn } from "./picker.js";
import { printButtons } from "./print.js";
import { begin } from "./session.js";
import { ask, keep } from "./storage.js";
import { openTerms } from "./terms.js";
import { openWorkshop } from "./workshop.js";
import { fillIn } from "./worksheet.js";

// Without cookies one document shows many pages: each part is called for each of them. What it hangs on elements of
// the page goes with the page; what it hangs on document or window takes the signal, which aborts then.
const PARTS = [watchSession, saveAnswers, choose, copyButtons, fillIn, openTerms, openWorkshop, orderItems, printButtons, sendOn, submitOnce, tellToClose];

begin((left) => PARTS.forEach((part) => part(left)));
keep();
ask();

// Everything works without these; each makes one thing more comfortable.
import { saveAnswers } from "./answers.js";
import { copyButtons } from "./copy.js";
import { choose, sendOn } from "./picker.js";
import { openTerms } from "./terms.js";

saveAnswers();
choose();
copyButtons();
openTerms();
sendOn();

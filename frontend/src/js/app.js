// Everything works without these; each makes one thing more comfortable.
import { saveAnswers } from "./answers.js";
import { copyButtons } from "./copy.js";
import { openTerms } from "./terms.js";

saveAnswers();
copyButtons();
openTerms();

// What pages with charts run: charts in place of the server's drawings, and `/` for the search box. Everything works without it.

import { draw } from "./chart";
import { searchKey } from "./key";

searchKey();
document.querySelectorAll<HTMLElement>(".chart").forEach((element) => void draw(element));

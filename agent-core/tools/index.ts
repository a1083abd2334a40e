/** The tools of the core: which there are and who is offered which stands in `families.ts`. */
export { aboutTools, familyNames, familyOf, findTool, noSuchTool, toolSpecs, tools } from './families.ts';

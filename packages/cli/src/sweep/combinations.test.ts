import { expect, test } from "vitest";
import { axisOf, combinations } from "./combinations.js";

const options = ["--learning-rate", "--lora", "--best", "--out"].map((long) => ({
  long,
  isBoolean: () => long === "--best",
}));

test("each value with each of the others; a rank of 0, false and none leave the option out", () => {
  const axes = ["learning-rate=1e-5,none", "--lora=0,16", "best=true,false"].map((text) =>
    axisOf(text, options),
  );
  const made = combinations(axes, options);
  expect(made).toHaveLength(8);
  expect(made[0]).toEqual({
    name: "learning-rate=1e-5 lora=0 best=true",
    values: { "learning-rate": "1e-5", lora: "0", best: "true" },
    args: ["--learning-rate", "1e-5", "--best"],
  });
  expect(made.at(-1)?.args).toEqual(["--lora", "16"]);
});

test.each([
  [
    "learning-rate",
    "--set is learning-rate; give an option of finetune with its values, e.g. learning-rate=1e-5,1e-4",
  ],
  ["lora=1,,2", "--set is lora=1,,2; give an option of finetune with its values"],
  [
    "learnign-rate=1",
    '"learnign-rate" is no option of finetune to try values of, did you mean "learning-rate"?',
  ],
  ["out=a,b", '--set is out=a,b; "out" is no option of finetune to try values of'],
  ["lora=1,1", "--set is lora=1,1; 1 is in it twice"],
])("refuses %s", (text, message) => {
  expect(() => axisOf(text, options)).toThrow(message);
});

test("refuses an option twice, and other words than true and false", () => {
  const axis = axisOf("lora=1,2", options);
  expect(() => combinations([axis, axis], options)).toThrow(
    "--set lora is given twice; put the values together",
  );
  expect(() => combinations([axisOf("best=yes", options)], options)).toThrow(
    "--set best has yes; give true or false",
  );
});

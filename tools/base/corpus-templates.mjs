// @ts-check

/**
 * What the sentence generator chooses from. A template names a list in braces; the lists hold
 * whole phrases, so that every choice is grammatical and makes sense.
 */

/** @param {string} phrases Phrases, separated by semicolons. */
const list = (phrases) => phrases.split(";").map((phrase) => phrase.trim().replace(/\s+/g, " "));

/** The lists, by the name that templates use. */
export const LISTS = {
  name: list(`Alice; George; Martha; Peter; Julia; Thomas; Zoe; Victor; Ruth; Oliver; Hugh; Charlotte;
    Joyce; Kenneth; Beth; Vivian; Jasper; Fiona; Leo; Naomi; Walter; Chloe; Edgar; Judith; Boris; Wendy;
    Philip; Grace; Nathan; Hazel; Roy; Amy; Douglas; Isaac; Simon; Laura; Maurice; Rachel; Eugene; Shirley`),
  who: list(`my brother; my sister; our neighbor; the teacher; the doctor; the farmer; the baker; the captain;
    a young woman; an old friend; the new boy; my aunt; her uncle; his cousin; the gardener; the driver;
    the painter; the singer; the nurse; the librarian; the mechanic; the waiter; the cook; the pilot; the tailor;
    the butcher; the musician; the engineer; the journalist; the dentist; the lawyer; the plumber; the student;
    the prince; grandmother; grandfather; my boss; the coach; the clerk; the guard; the carpenter;
    the electrician; the secretary; a stranger; the tourist; the hunter; the poet; the chemist; the widow;
    the sheriff; my roommate; the landlord; the wise old man; the new manager; the girl next door`),
  // Past tense: fits every subject.
  did: list(`broke a window; lost the house key; washed the dishes; swept the kitchen floor; baked a cherry pie;
    caught a large trout; climbed the water tower; found a gold ring; forgot the password; wrote a short poem;
    told us a ghost story; fixed the squeaky hinge; painted the ceiling white; missed the early flight;
    bought a used car; sold the family farm; played the piano; sang an old ballad; won a silver medal;
    lit a hundred candles; dug a deep ditch; planted a plum tree; fed the hungry ducks; chased the cows away;
    peeled the potatoes; burned the toast; spilled the orange juice; tasted the mushroom soup;
    shook hands with everyone; waved from the balcony; slipped on the ice; fell off the ladder; swam across the lake;
    jumped over the puddle; stood in line for hours; slept through the alarm; woke up at midnight;
    drove through the tunnel; flew to Chicago; rode a white horse; sailed around the cape; packed a small suitcase;
    borrowed my umbrella; returned the library books; answered the phone; mailed a thick envelope;
    signed the contract; counted the money; paid the electric bill; asked for a discount; complained about the noise;
    laughed at the joke; cried at the wedding; whispered a secret; shouted for help; argued with the referee;
    knocked on the door; rang the bell twice; locked the cellar; opened the wooden chest; closed the heavy curtains;
    ironed the shirts; sewed a red dress; knitted a pair of mittens; polished the mirror; vacuumed the carpet;
    watered the roses; mowed the lawn; raked the yellow leaves; shoveled the snow; chopped some firewood;
    sharpened the kitchen knives; boiled a dozen eggs; squeezed fresh lemons; poured the coffee; sliced the ham;
    ordered a cheese sandwich; drank a glass of milk; ate the last biscuit; skipped breakfast; cooked a spicy stew;
    studied the old map; read the whole newspaper; drew a funny picture; took a photograph; watched the sunset;
    followed the muddy footprints; heard a strange noise; smelled smoke; saw a shooting star; felt a sharp pain;
    explained the rules; solved the puzzle; guessed the answer; made a serious mistake; changed the subject;
    joined the army; left the party early; arrived with a bouquet; moved to the countryside; built a wooden bridge;
    repaired the roof; measured the hallway; hung a picture on the wall; cleaned out the garage; emptied the trash`),
  // The plain form: "wants to …", "please …", "did he …".
  act: list(`open the window; close the garden gate; wash the windows; sweep the porch; call the office; write a letter;
    send a postcard; pay the rent; feed the chickens; walk the dog; water the ferns; mow the grass; buy some bread;
    order more paper; bring a blanket; carry the boxes upstairs; move the piano; paint the fence; fix the shower;
    change the light bulb; check the tires; fill the gas tank; start the engine; turn down the radio; lock the back door;
    find the missing page; read the instructions; learn the alphabet; practice the flute; sing the national anthem;
    dance the waltz; play chess; throw the ball; catch the bus; take the subway; rent a boat; ride a camel;
    visit the museum; explore the cave; climb the volcano; cross the border; book a hotel; pack the tent;
    build a campfire; cook dinner; set the table; peel the carrots; stir the sauce; taste the gravy; bake a chocolate cake;
    cut the bread; pour the tea; boil the water; freeze the leftovers; clean the fish; pick the berries; harvest the wheat;
    plant the tulips; dig a hole; chop the wood; shear the sheep; milk the cows; saddle the horse; count the votes;
    sign the form; fill in the questionnaire; print the report; answer the question; solve the equation; draw a triangle;
    measure the temperature; weigh the parcel; wrap the presents; decorate the hall; invite the neighbors;
    thank the nurses; apologize to the judge; choose a color; try a different method; save some money; borrow a shovel;
    return the camera; share the profits; keep the receipt; hide the evidence; tell the truth; trust the captain;
    forgive an enemy; wait a little longer; leave before noon; come back tomorrow; stay for supper; go to the beach;
    rest for a while; breathe deeply; look under the bed; listen to the weather report; watch the eclipse;
    speak to the manager; shout across the street; whistle a cheerful tune; knock before entering; hurry to the station;
    sit by the fire; stand in the shade; lie on the couch; sleep in the attic; wake the children; brush the pony;
    comb the baby's hair; wear a helmet; iron the trousers; sew the buttons; mend the fishing nets; sharpen the axe`),
  doing:
    list(`reading poetry; baking bread; collecting shells; watching birds; climbing mountains; playing the cello;
    painting portraits; growing vegetables; riding horses; telling jokes; writing letters; learning languages;
    cleaning the basement; sailing; skating on the pond; fishing from the pier; hiking through the hills; cooking for friends;
    listening to jazz; solving crossword puzzles; taking photographs; visiting castles; swimming in the ocean;
    sewing costumes; repairing clocks; polishing shoes; feeding the swans; picking mushrooms; building model planes;
    arguing about politics; looking at maps; drawing cartoons; chatting with strangers; sitting in the sun; juggling;
    rehearsing the play; studying chemistry; waiting for a phone call; packing boxes; raking leaves`),
  adverb:
    list(`again; once more; by mistake; on purpose; in a hurry; with a smile; without a word; for no reason; as usual;
    after all; with great care; all alone; in the end; for the first time; just in time; against our advice; of course;
    together with Alice; instead of me; as a surprise`),
  time: list(`this morning; last night; yesterday; on Monday; last Tuesday; on Friday evening; at noon; before lunch;
    after school; last winter; two days ago; a week ago; in August; during the holidays; in the afternoon; at midnight;
    before sunrise; after the concert; many years ago; the other day; earlier today; on my birthday`),
  soon: list(`tomorrow; tonight; next week; on Wednesday; on Saturday morning; next month; in an hour; before dinner;
    after work; at seven o'clock; in the spring; as soon as possible; right away; later this evening; by the end of May;
    in twenty minutes; next Thursday; when the rain stops; before the guests arrive; on the first of July`),
  often:
    list(`every morning; every Sunday; once a week; twice a month; all day long; from time to time; in the summer;
    on weekends; late at night; every other day; whenever it rains; before breakfast; during the week`),
  where:
    list(`in the kitchen; at the station; behind the barn; under the bridge; near the harbor; at the market; in the park;
    on the roof; beside the river; in front of the bank; at the bus stop; in the library; on the beach; in the forest;
    at the top of the hill; in the basement; outside the theater; by the fountain; along the canal; across the street;
    inside the old church; in the village square; on the third floor; at the edge of town; between the two towers;
    in the waiting room; next to the bakery; at the zoo; on the balcony; beneath the willow tree`),
  place:
    list(`the airport; the bakery; the castle; the cathedral; the post office; the swimming pool; the hospital;
    the pharmacy; the university; the train station; the nearest village; the lighthouse; the waterfall; the stadium;
    the police station; the shoe store; the orchard; the town hall; the factory; the cemetery; the opera house;
    the vineyard; the north shore; the campground; the fish market; the embassy`),
  city: list(`Boston; London; Paris; Chicago; Sydney; Toronto; Dublin; Vienna; Moscow; Cairo; Tokyo; Madrid; Houston;
    Edinburgh; Geneva; Jerusalem; Baltimore; Oxford; Yorkshire; Venice; Warsaw; Philadelphia; Bombay; Oslo`),
  thing:
    list(`umbrella; wallet; suitcase; hammer; pencil; notebook; blue scarf; camera; guitar; helmet; passport; raincoat;
    flashlight; toothbrush; necklace; bicycle; telescope; paintbrush; backpack; wristwatch; screwdriver; yellow jacket;
    thermos; calendar; calculator; diary; handbag; pocketknife; sleeping bag; tennis racket; tape measure; black hat;
    violin; magazine; earring; leather belt; shovel; bathrobe; left shoe; hairbrush; lunch box; sketchbook`),
  stuff:
    list(`the chair; the blue vase; the bread knife; the mirror; the ladder; the cushion; the wheelbarrow; the oven; the lamp;
    the piano; the bookshelf; the teapot; the blanket; the engine; the rope; the bucket; the mattress; the curtain; the carpet;
    the copper pan; the cupboard; the stove; the statue; the fence; the clock; the wagon; the canoe; the bathtub; the gate`),
  stuffIs:
    list(`broken; too heavy; rather old; quite new; very dusty; almost ready; still wet; far too small; cheap but strong;
    badly damaged; made of wood; covered with paint; worth a fortune; easy to clean; hard to move; ours; completely ruined;
    not for sale; a bit crooked; in the wrong place; not mine; perfectly safe; older than it looks; missing`),
  food: list(`a slice of toast; two ripe peaches; a bowl of rice; some roasted chicken; a piece of cheese; fried eggs; a green salad;
    half a melon; a bag of peanuts; a jar of olives; warm apple pie; cabbage soup; a ham sandwich; grilled salmon;
    mashed potatoes; a plate of noodles; vanilla ice cream; chocolate pudding; blueberry muffins; a bunch of grapes;
    oatmeal with honey; beef and beans; spinach and garlic; a few strawberries; buttered corn; raw carrots; pumpkin bread;
    shrimp with lemon; a juicy orange; onion rings; a boiled egg; cucumber slices`),
  drink:
    list(`a cup of tea; a glass of water; some orange juice; hot chocolate; a little more coffee; lemonade; a pint of beer;
    ginger ale; some cold milk; a bottle of wine; sparkling water; peppermint tea; apple cider; a strawberry milkshake`),
  taste:
    list(`delicious; too salty; rather bitter; a little sour; sweet and juicy; awful; very fresh; strange; burnt; spicy;
    better than ever; like vinegar; wonderful; stale`),
  meal: list(`for breakfast; for lunch; for dinner; at the picnic; on the train; in the garden; before the game;
    at my aunt's house; with her fingers; after a long walk; in a small cafe; without any salt`),
  animal:
    list(`the gray cat; a brown bear; the old donkey; a tiny mouse; the rooster; a flock of geese; the black horse; our puppy;
    a young deer; the elephant; a clever fox; the goat; a pair of swans; the zebra; a large snake; the monkey;
    a lost sheep; the spotted cow; a hungry wolf; the parrot; the turtle; a wild turkey; the squirrel; a kangaroo;
    the white rabbit; a green lizard; the giraffe; an enormous pig; a baby penguin; the hedgehog; a shy leopard`),
  animalDid:
    list(`slept under the table; ran across the road; jumped over the fence; hid behind the barn; watched us from a distance;
    drank from the stream; rolled in the mud; stole our lunch; wandered through the village; frightened the children;
    escaped from the zoo; chewed on my sleeve; refused to move; followed us home; disappeared into the bushes;
    stared at the camera; made a dreadful noise; came closer and closer; ate all the lettuce; rested in the shade;
    waited by the gate; sniffed at my shoes; crossed the frozen river; climbed onto the wagon; ruined the flower bed;
    scratched its ear; charged at the fence; looked up at the sky; shook its head; turned around and left`),
  weather:
    list(`cloudy; warm and sunny; very windy; colder than today; foggy; too hot; dry and bright; rainy; a little cooler;
    stormy; humid; mild; freezing; pleasant; gray and wet`),
  nature:
    list(`the wind; the river; the forest; a cold rain; the morning sun; the snow; a dark cloud; the full moon; the ocean;
    a thin layer of ice; the mist; the desert; a flash of lightning; the waterfall; the long grass; the volcano;
    the evening light; a warm breeze; the valley; the swamp; a heavy storm; the frost; the meadow; the northern sky`),
  natureDid:
    list(`looked beautiful; surprised everyone; took our breath away; was gone by noon; lay before us; reminded me of home;
    made us shiver; kept us indoors; seemed to last forever; changed everything; appeared without warning; was unlike any other;
    frightened the horses; delighted the painters; calmed my nerves; was a welcome sight; covered the whole valley`),
  adjective:
    list(`beautiful; strange; boring; dangerous; clever; silly; cheerful; lovely; marvelous; terrible; ridiculous; peculiar;
    gorgeous; magnificent; splendid; curious; foolish; frightening; powerful; delightful; generous; mysterious`),
  wonder:
    list(`view; story; idea; song; dress; painting; journey; building; surprise; game; question; movie; garden; voice; bridge;
    picture; puzzle; castle; wedding; machine; speech; sunset; costume; necklace; room; choice`),
  plural:
    list(`apples; candles; children; chairs; books; horses; buttons; bottles; windows; ships; trees; pigeons; soldiers; baskets;
    tourists; bicycles; spoons; envelopes; benches; roses; mushrooms; coins; turtles; umbrellas; potatoes; trucks; tents;
    students; dragons; shoes; bridges; wolves; houses; watches; teachers; musicians; violins; donkeys; villages; matches;
    judges; knives; brushes; oranges; clouds; eagles; goats; jewels; pages; stairs`),
  number:
    list(`two; three; four; five; six; seven; eight; nine; ten; eleven; twelve; thirteen; fifteen; sixteen; eighteen; twenty;
    thirty; forty; fifty; sixty; a hundred; a thousand; a dozen; several; too many; only a few`),
  color:
    list(`red; blue; green; yellow; purple; gray; orange; brown; pink; black; white; golden; silver; dark blue; pale green;
    bright red; scarlet; beige; turquoise; violet`),
  garment:
    list(`sweater; jacket; coat; shirt; skirt; hat; scarf; suit; blouse; pair of gloves; cap; vest; robe; necktie;
    pair of boots; cardigan; uniform; cloak; pair of shorts; bathing suit`),
  event:
    list(`the wedding; the meeting; the concert; the exam; the party; the funeral; the game; the parade; the interview;
    the trial; the auction; the lecture; the picnic; the festival; the dress rehearsal; the election; the race;
    the birthday party; the dinner; the ceremony; the long flight; the first lesson; the earthquake; the show`),
  feeling:
    list(`happy; nervous; tired; proud; angry; thirsty; lonely; calm; jealous; worried; excited; hungry; sleepy; ashamed;
    cheerful; confused; grateful; bored; sick; brave; dizzy; hopeful; curious; relieved; disappointed; furious`),
  condition:
    list(`it rains tomorrow; the bus is late; nobody answers; you are hungry; the shop is closed; we hurry; the baby cries;
    the weather is good; you get lost; the price is right; she says yes; the road is clear; the milk is sour; he apologizes;
    the lights go out; the engine fails; you need help; they lose the game; your tooth hurts; the doorbell rings;
    the tide is low; there is enough time; the judge agrees; you can't sleep`),
  consequence:
    list(`we will stay at home; I will call you; they will be angry; we can walk; don't wait for me; ask the driver;
    we should leave early; I'll make some soup; you may use my phone; try the other door; we'll take the train;
    everyone will cheer; I won't be surprised; go and see a doctor; nobody will notice; she will be delighted;
    there is no need to worry; let me know; we'll need a flashlight; we'll go to the beach; you can stay with us`),
  happened:
    list(`we stayed inside; the school was closed; the train was delayed; she laughed; he went to bed early; the soup got cold;
    I couldn't sleep; they sold the house; nobody came; the game was canceled; the baby cried; we turned back; I stayed silent;
    the roof collapsed; the audience left; we were late; he lost his job; she changed her mind; the ship sank`),
  reason:
    list(`the storm was too strong; everyone was tired; the road was blocked; the heating was broken; someone had made a mistake;
    it was already dark; nobody was listening; the snow was so deep; there was no more money; the captain was ill;
    the noise was unbearable; the clock was wrong; the news was so bad; the music was terrible; we had no choice;
    the fog was so thick`),
  topic:
    list(`ancient Egypt; the human heart; volcanoes; the solar system; electricity; whales; medieval castles; the stock market;
    modern art; the ocean floor; healthy food; the French Revolution; poisonous plants; the history of writing; dinosaurs;
    magnets; bird migration; human rights; the desert; glass blowing; opera; deep breathing; honey bees; jet engines`),
  have: list(`seen the ocean; eaten lobster; flown in a helicopter; written a novel; met the president; ridden a camel; been to Africa;
    broken a bone; slept in a tent; heard such nonsense; lost my temper; caught a fish; told a lie; driven a truck; worn a tie;
    sung in public; found a fossil; drunk so much coffee; known a kinder person; taken a taxi; stolen anything;
    fallen off a horse; spoken to a judge; built a boat; swum in a river; grown tomatoes; forgotten a face; chosen a winner`),
  body: list(`head; left shoulder; knee; stomach; throat; lower back; thumb; elbow; ankle; wrist; chest; right ear; neck; tooth; hip;
    big toe; finger; jaw`),
  when: list(`when I laugh; in cold weather; after a long run; when I breathe; at night; when I carry heavy bags; since yesterday;
    a little; more than before; whenever I sneeze; all the time; when I climb the stairs`),
  beast:
    list(`elephant; horse; turtle; mouse; eagle; whale; donkey; tiger; rabbit; crocodile; monkey; snail; spider; camel; shark;
    penguin; goose; bull; kitten; giraffe; ostrich; dolphin`),
  than: list(`heavier than; faster than; slower than; quieter than; braver than; smarter than; stronger than; bigger than;
    more patient than; older than; hungrier than; more dangerous than; not as clever as; more beautiful than; just as stubborn as`),
  spot: list(`on the table; in the drawer; under the bed; behind the door; on the top shelf; in the refrigerator; next to the lamp;
    in my pocket; beside the stove; on the windowsill; in the closet; by the front door; in the blue box; at the bottom of the bag;
    between the cushions; above the fireplace`),
  opinion:
    list(`the movie was too long; she deserves the prize; the soup needs more pepper; winter is the best season;
    it's going to snow; he is hiding something; this is the wrong street; we have met before; the plan will work;
    money can't buy happiness; the old road was better; that was unfair; the second half was better; we should be patient;
    the youngest brother is lying; the yellow one looks nicer; someone is watching us; the jury made a mistake;
    the beach is too crowded; there must be another way; the picture is upside down; this chair is uncomfortable;
    every child needs a friend; the engine sounds strange; two heads are better than one; the bill is wrong`),
  think:
    list(`I think; I'm sure that; she believes that; they say that; nobody thinks that; I hope; everyone agrees that; it seems that;
    I'm afraid; perhaps; he told me that; I suppose; you know that; we all know that; to be honest`),
  job: list(`a firefighter; a surgeon; a ballet dancer; a chef; an astronaut; a shoemaker; a goldsmith; a judge; a bus driver; a zookeeper;
    an architect; a magician; a translator; a beekeeper; a lifeguard; an actress; a weather reporter; a shepherd; a toy maker;
    a philosopher; a jockey; a geologist`),
  way: list(`turn left; turn right; go straight ahead; slow down; stop; cross the road; keep to the left; take the stairs;
    look to the east; get off the bus`),
  landmark:
    list(`at the next corner; after the bridge; behind the church; at the traffic light; before the tunnel; near the gas station;
    past the old mill; at the end of the street; when you see the tower; by the stone wall; at the second crossing`),
  whoWas:
    list(`singing in the shower; knocking at the door; waiting outside; playing the drums; talking on the phone;
    laughing so loudly; driving the car; sitting in my chair; pushing the cart; ringing the bell; walking in the hallway;
    throwing stones; calling my name; sharing the room; guarding the treasure; chewing gum; watching television`),
  together:
    list(`went to the same school; got married in June; opened a restaurant; share an apartment; met in Vienna; never agree;
    are best friends; quarreled about money; ran a marathon; built a raft; live next door; work at the same bank;
    danced all night; grew up on a farm; love spicy food; were late again; don't speak French; own a bookshop`),
};

/** The templates, each with its weight: how often it is used. @type {readonly [string, number][]} */
export const TEMPLATES = [
  ["{who} {did}.", 6],
  ["{who} {did} {time}.", 8],
  ["{time}, {who} {did}.", 4],
  ["{name} {did} {adverb}.", 4],
  ["{name} {did} and {did}.", 6],
  ["has {name} heard that {who} {did}?", 3],
  ["who {did} {time}?", 3],
  ["the person who {did} was {name}.", 2],
  ["{name} says that {who} {did}.", 3],
  ["{name} wants to {act}.", 5],
  ["please {act} {soon}.", 5],
  ["{who} forgot to {act}.", 4],
  ["{name} promised to {act} {soon}.", 4],
  ["let's {act} {soon}.", 3],
  ["you should {act}, {name}.", 4],
  ["could you {act}, please?", 4],
  ["when will {who} {act}?", 4],
  ["why did {name} {act}?", 4],
  ["don't {act} without {name}!", 3],
  ["it's not easy to {act}.", 3],
  ["{soon}, I will {act}.", 4],
  ["we had to {act} and {act}.", 4],
  ["did you {act} {time}?", 4],
  ["nobody taught {name} how to {act}.", 3],
  ["{act}, and then {act}.", 4],
  ["I would rather {act} than {act}.", 4],
  ["{name} enjoys {doing}.", 3],
  ["{who} spends hours {doing}.", 4],
  ["I am tired of {doing}.", 2],
  ["{doing} is harder than {doing}.", 4],
  ["we like {doing} {often}.", 4],
  ["I met {name} {where} {time}.", 5],
  ["{who} is waiting {where}.", 4],
  ["there is someone {where}.", 2],
  ["how far is it to {place}?", 2],
  ["{place} is not far from {place}.", 3],
  ["we walked from {place} to {place}.", 4],
  ["the road to {place} is closed.", 2],
  ["the train to {city} leaves {soon}.", 3],
  ["have you ever been to {city}?", 2],
  ["{name} is moving to {city}.", 3],
  ["it is cheaper to live in {city} than in {city}.", 2],
  ["have you seen my {thing}?", 3],
  ["I left my {thing} {where}.", 5],
  ["{name} bought a new {thing} {time}.", 4],
  ["whose {thing} is this?", 2],
  ["your {thing} is {spot}.", 4],
  ["put {stuff} {where}.", 3],
  ["{stuff} is {stuffIs}.", 5],
  ["why is {stuff} {where}?", 3],
  ["be careful with {stuff}!", 2],
  ["is {stuff} {stuffIs}?", 4],
  ["{who} ate {food} {meal}.", 5],
  ["we had {food} and {food}.", 4],
  ["would you like {drink}?", 1],
  ["could I have {food}, please?", 2],
  ["{name} ordered {food} and {drink}.", 5],
  ["the soup tastes {taste}, but the bread is {taste}.", 2],
  ["this cake tastes {taste}.", 1],
  ["{drink} with {food}, please.", 3],
  ["{animal} {animalDid}.", 7],
  ["{animal} {animalDid} {time}.", 5],
  ["look, {animal}!", 2],
  ["{animal} and {animal} {animalDid}.", 4],
  ["it will be {weather} {soon}.", 3],
  ["is it {weather} in {city}?", 3],
  ["{nature} {natureDid}.", 5],
  ["{time}, {nature} {natureDid}.", 3],
  ["what a {adjective} {wonder}!", 4],
  ["it was a {adjective} {wonder}, wasn't it?", 3],
  ["{name} told us about a {adjective} {wonder}.", 4],
  ["there were {number} {plural} {where}.", 6],
  ["we need {number} {plural} and {number} {plural}.", 5],
  ["how many {plural} did you count?", 2],
  ["I have never seen so many {plural}!", 2],
  ["{name} took a picture of {number} {plural}.", 4],
  ["{name} wore a {color} {garment} to {event}.", 5],
  ["that {color} {garment} is too expensive.", 3],
  ["do you prefer the {color} {garment} or the {color} one?", 3],
  ["{who} was {feeling} before {event}.", 5],
  ["I felt {feeling} but not {feeling}.", 3],
  ["why are you so {feeling}, {name}?", 3],
  ["{event} begins {soon}.", 3],
  ["were you at {event} {time}?", 3],
  ["if {condition}, {consequence}.", 6],
  ["{happened} because {reason}.", 5],
  ["we learned about {topic} {time}.", 3],
  ["{name} knows everything about {topic}.", 3],
  ["the book about {topic} is {spot}.", 4],
  ["I have never {have}.", 2],
  ["has {name} ever {have}?", 3],
  ["my {body} hurts {when}.", 4],
  ["the {beast} is {than} the {beast}.", 4],
  ["{think} {opinion}.", 5],
  ["do you think {opinion}?", 3],
  ["{name} wants to become {job}.", 3],
  ["my father is {job}, and my mother is {job}.", 3],
  ["{way} {landmark}.", 4],
  ["{way} {landmark}, then {way}.", 4],
  ["who is {whoWas}?", 1],
  ["was it {name} who was {whoWas}?", 3],
  ["{name} and {name} {together}.", 5],
  ["thank you for the {thing}, {name}!", 3],
  ["good morning, {name}!", 1],
  ["goodbye, {name}, see you {where}!", 2],
];

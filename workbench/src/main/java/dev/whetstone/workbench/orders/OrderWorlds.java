package dev.whetstone.workbench.orders;

import java.util.List;

/** The world that is trained on and the world that is held out. They share weekdays, no more. */
public final class OrderWorlds {
  /** What every row of both worlds is told first. It names every key. */
  public static final String INSTRUCTION =
      "Turn the order into one line of JSON with the keys customer, product, quantity, city, day.";

  public static final OrderWorld TRAINING =
      new OrderWorld(
          words(
              "Anna Ben Clara David Emma Felix Grace Henry Irene Jack Karen Leo Maria Nathan Olga"
                  + " Peter Rosa Samuel Tina Victor Wendy Adrian Bella Carlos Daria Elias Fiona"
                  + " George Helen Ivan Julia Kevin Laura Martin Nina Oscar Paula Robert Sara"
                  + " Thomas Ursula Walter Yvonne Albert Bianca Conrad Doris Edgar Agnes Boris"
                  + " Cecilia Dennis Elena Frank Gabriel Hannah Isabel Jasmin Konrad Lydia Marcus"
                  + " Natalia Otto Pedro Quentin Rachel Stefan Teresa Urban Vera William Xenia Zoe"
                  + " Arthur Beatrice Chloe Dominic Erika"),
          words(
              "Miller Fischer Novak Rossi Garcia Brown Larsen Kowalski Dubois Schmidt Taylor Moreau"
                  + " Weber Santos Jensen Clark Hoffman Ricci Walker Lopez Evans Becker Nilsen"
                  + " Horvat Turner Bianchi Wagner Cooper Silva Peters Lambert Baker Keller Moretti"
                  + " Hughes Olsen Vogel Parker Romano Bennett Krause Hill Fontaine Marino Carter"
                  + " Lindberg Schulz Ward Petrov Mercier Abbott Bauer Costa Duarte Engel Ferrari"
                  + " Gruber Hansen Iversen Johnson King Lorenz Martinez Neumann Okafor Pavlov"
                  + " Quinn Reyes Sokolov Thompson Ueda Vargas Winter Young Zimmer Adler Bishop"
                  + " Conti Delgado Ellis Forster Gallo Huber Ibarra Jordan Klein Leroy Murphy"
                  + " Nagel Olivier Pinto Roth Steiner Tanaka"),
          words(
              "oak wool steel leather cotton glass brass pine copper linen plastic rubber silver"
                  + " white black red green blue small large heavy folding garden travel golden"
                  + " wooden paper canvas denim cherry walnut birch granite slate cork felt nylon"
                  + " satin straw willow iron chrome zinc tin concrete crystal pearl coral amber"
                  + " ivory beige grey pink orange turquoise scarlet navy olive tiny giant narrow"
                  + " flat square oval soft thick thin short long double wireless electric magnetic"
                  + " waterproof reusable vintage rustic modern striped dotted painted printed"
                  + " quilted padded woven knitted frosted polished matte kitchen office winter"
                  + " summer camping fishing sailing hiking children outdoor"),
          words(
              "chairs lamps blankets kettles boots mugs desks towels shelves baskets bottles pans"
                  + " curtains mirrors benches buckets jackets candles hammers ladders plates"
                  + " pillows rugs spoons tables clocks brushes gloves stools trays forks knives"
                  + " pots jugs cups saucers teaspoons ovens heaters fans radios speakers keyboards"
                  + " monitors cables chargers batteries bulbs torches screws nails bolts wrenches"
                  + " drills saws shovels rakes hoses tarps ropes chains hooks locks keys bells"
                  + " whistles flags banners posters frames easels crayons pencils notebooks"
                  + " folders envelopes stamps stickers labels boxes crates barrels pallets"
                  + " trolleys carts bicycles tyres mats carpets tiles bricks planks doors windows"
                  + " shutters hinges handles knobs faucets sinks bathtubs sponges mops brooms"
                  + " dusters aprons shirts trousers socks belts hats caps coats dresses skirts"
                  + " sweaters slippers sandals backpacks suitcases purses puzzles kites balls bats"
                  + " skates skis paddles"),
          List.of(
              "Berlin",
              "Madrid",
              "Lyon",
              "Chicago",
              "Oslo",
              "Milan",
              "Vienna",
              "Dublin",
              "Prague",
              "Boston",
              "Geneva",
              "Porto",
              "Hamburg",
              "Seattle",
              "Warsaw",
              "Leeds",
              "Turin",
              "Denver",
              "Bergen",
              "Seville",
              "Cologne",
              "Toronto",
              "Athens",
              "Bristol",
              "New York",
              "San Diego",
              "Ghent",
              "Krakow",
              "Dallas",
              "Nantes",
              "Antwerp",
              "Bilbao",
              "Bordeaux",
              "Brussels",
              "Bucharest",
              "Cardiff",
              "Copenhagen",
              "Dresden",
              "Edinburgh",
              "Florence",
              "Frankfurt",
              "Gdansk",
              "Genoa",
              "Gothenburg",
              "Granada",
              "Graz",
              "Hanover",
              "Houston",
              "Innsbruck",
              "Istanbul",
              "Leipzig",
              "Lille",
              "Linz",
              "Liverpool",
              "London",
              "Lucerne",
              "Luxembourg",
              "Malaga",
              "Manchester",
              "Memphis",
              "Miami",
              "Nashville",
              "Nice",
              "Nuremberg",
              "Orlando",
              "Ottawa",
              "Oxford",
              "Palermo",
              "Phoenix",
              "Pisa",
              "Quebec",
              "Riga",
              "Rome",
              "Stockholm",
              "Strasbourg",
              "Stuttgart",
              "Tallinn",
              "Toulouse",
              "Trieste",
              "Utrecht",
              "Vancouver",
              "Venice",
              "Verona",
              "Vilnius",
              "Zagreb"),
          List.of(
              "This is {customer}. Please send {quantity} {product} to {city} by {day}.",
              "{customer} here, I need {quantity} {product} in {city} on {day}.",
              "Hello, my name is {customer} and I would like {quantity} {product} delivered to"
                  + " {city} on {day}.",
              "Please deliver {quantity} {product} to {customer} in {city} this {day}.",
              "{customer} wants {quantity} {product} for the shop in {city}, due {day}.",
              "We need {quantity} {product} at our {city} office by {day}, signed {customer}.",
              "On {day} bring {quantity} {product} to {city} for {customer}.",
              "Can you ship {quantity} {product} to {city}? {day} works best. Regards, {customer}",
              "Order from {customer}: {quantity} {product}, ship to {city}, arrival {day}.",
              "For {city}, please, {quantity} {product} on {day}. The buyer is {customer}.",
              "Hi, {customer} speaking, put me down for {quantity} {product}, {city}, {day}.",
              "By {day} I must have {quantity} {product} in {city}. Yours, {customer}",
              "Our customer {customer} in {city} asks for {quantity} {product} before {day}.",
              "{quantity} {product} to {city} for {day}, please. Thank you, {customer}",
              "Good morning! {customer} in {city} would love {quantity} {product} on {day}.",
              "Could {quantity} {product} reach {city} by {day}? Bill it to {customer}.",
              "It is {customer} again, same address in {city}, now {quantity} {product} for {day}.",
              "{day} delivery to {city}: {quantity} {product}, account of {customer}.",
              "I, {customer}, order {quantity} {product}, to be sent to {city} on {day}.",
              "Please book {quantity} {product} for {customer}. The truck goes to {city} on {day}.",
              "{customer} called from {city} and asked for {quantity} {product} on {day}.",
              "The {city} store is out of {product}; {customer} wants {quantity} by {day}.",
              "About the {product}: {customer} takes {quantity}, to {city}, on {day}.",
              "On behalf of {customer} I order {quantity} {product}. Send them to {city}, {day}"
                  + " latest.",
              "Next {day} a van leaves for {city}; load {quantity} {product} for {customer}.",
              "Add {quantity} {product} to the {day} run to {city} under the name {customer}.",
              "Reserve {quantity} {product} in the name of {customer}, pick up in {city} on {day}.",
              "{customer}, {city}. I am after {quantity} {product}. Is {day} possible?",
              "Would {day} be fine for {quantity} {product} to {city}? Asking for {customer}.",
              "New order, {day}, {city}: {customer} buys {quantity} {product}."),
          List.of(
              "The last delivery was {number} days late.",
              "Ring twice at door {number}.",
              "I paid {number} euros for shipping last time.",
              "Our shop opens at {number}.",
              "Use the blue gate, please.",
              "My old order was number {number}.",
              "There are {number} steps at the entrance.",
              "We have been clients for {number} years.",
              "No gift wrapping this time.",
              "The driver can park on level {number}.",
              "Thanks a lot for the quick help.",
              "The discount of {number} percent still holds, right?",
              "We are a team of {number} people.",
              "It is for a wedding, {number} tables are set.",
              "The invoice goes to office {number}.",
              "You have {number} minutes to unload.",
              "We want to open {number} new rooms.",
              "The last {number} you sent were fine.",
              "Our budget is {number} dollars apiece.",
              "The road is closed for trucks over {number} tons.",
              "Customer number {number}, as always.",
              "A friend of mine took {number} last year.",
              "Mind the dog.",
              "Take bus {number} if you come without a car."));

  public static final OrderWorld HELD_OUT =
      new OrderWorld(
          words(
              "Amelia Bruno Celine Dmitri Esther Fabian Gloria Hugo Ingrid Jonas Kira Lukas Miriam"
                  + " Noel Olivia Philip"),
          words(
              "Anderson Barbieri Castillo Davies Eriksen Fournier Graham Hartmann Ivanov Jacobs"
                  + " Kaminski Lefevre Mendoza Nowak Owens Pereira"),
          words("bamboo marble silk ceramic velvet bronze maple yellow purple round wide portable"),
          words(
              "cushions vases helmets napkins sofas teapots umbrellas scarves drawers lanterns"
                  + " bowls wallets racks printers tents"),
          List.of(
              "Lisbon",
              "Munich",
              "Helsinki",
              "Zurich",
              "Austin",
              "Naples",
              "Glasgow",
              "Rotterdam",
              "Budapest",
              "Marseille",
              "Montreal",
              "Salzburg",
              "Los Angeles",
              "Valencia",
              "Portland"),
          List.of(
              "Dear team, {customer} requests {quantity} {product}, destination {city}, no later"
                  + " than {day}.",
              "I'd like to buy {quantity} {product}. Drop them off in {city} on {day}. Best wishes,"
                  + " {customer}",
              "Hey there, could you get {quantity} {product} over to {city} until {day}? Cheers,"
                  + " {customer}",
              "Purchase request by {customer}: {quantity} units of {product}, site {city}, date"
                  + " {day}.",
              "My colleague {customer} is waiting in {city} for {quantity} {product}, ideally"
                  + " {day}.",
              "We are moving to {city} and {customer} will need {quantity} {product} there on"
                  + " {day}.",
              "Kindly dispatch {quantity} {product} so that they get to {city} on {day}; contact is"
                  + " {customer}.",
              "If possible, {day}: {quantity} {product} for our branch in {city}. Sincerely,"
                  + " {customer}",
              "{customer} just phoned. He hopes to receive {quantity} {product} in {city} on"
                  + " {day}.",
              "How about {quantity} {product} for {customer}? They should be in {city} by {day}"
                  + " evening.",
              "Let {customer} have {quantity} {product} this coming {day}, at the warehouse in"
                  + " {city}.",
              "Since {product} sell well in {city}, {customer} orders {quantity} more for {day}."),
          List.of(
              "Last month we got only {number} of them.",
              "The lift is broken, so plan {number} minutes.",
              "Please quote voucher {number} on the bill.",
              "Someone is there from {number} in the morning.",
              "It is for a party with {number} guests.",
              "Leave everything with the neighbour.",
              "I hope the price is still {number} dollars."));

  private OrderWorlds() {}

  private static List<String> words(String text) {
    return List.of(text.split(" ", -1));
  }
}

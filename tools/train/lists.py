"""Fillers for the generated tasks."""
NAMES = """Anna Ben Clara David Emma Frank Grace Henry Ivy Jack Kate Leo Mary Noah Olga Peter Rose Sam Tom Una Victor
Wendy Alice Bob Carol Daniel Ella Felix Gina Hugo Iris James Kim Laura Max Nina Oscar Paula Quinn Ruth Simon Tina Walter
Amy Arthur Beth Charles Diana Edward Fiona George Helen Isaac Jane Karl Lucy Martin Nora Oliver Paul Rachel Sarah Thomas
Violet William Zoe Adam Betty Colin Dora Eric Flora Harry Ida John Julia Lily Mark Polly Robert Susan Tim""".split()
CITIES = """Paris London Berlin Rome Madrid Oslo Vienna Prague Dublin Athens Lisbon Warsaw Cairo Tokyo Delhi Boston
Chicago Dallas Denver Toronto Lima Bern Bonn Milan Venice Naples Geneva Zurich Munich Hamburg Oxford York Bath Leeds
Glasgow Moscow Kiev Riga Helsinki Stockholm Sydney Perth Nairobi Seoul Beijing""".split()
COUNTRIES = """France Germany Italy Spain Norway Sweden Finland Poland Austria Greece Egypt Japan India China Brazil Peru
Chile Canada Mexico Kenya Ireland Portugal Hungary Iceland Denmark Belgium""".split()
COLOURS = "red blue green yellow black white brown grey orange purple pink silver golden".split()
ANIMALS = "dog cat horse cow pig sheep goat duck mouse rabbit fox wolf bear lion bird fish frog snake parrot donkey".split()
JOBS = "baker farmer doctor teacher sailor soldier painter writer tailor miller cook gardener hunter nurse singer clerk".split()
FRUITS = "apples pears plums cherries grapes lemons oranges melons berries nuts figs peaches".split()
THINGS = "book lamp chair table clock knife spoon cup plate hat coat boot ring key box bag basket candle mirror drum".split()
ROOMS = ["kitchen", "bedroom", "bathroom", "hall", "garden", "office", "garage", "attic", "cellar", "library"]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
LANGUAGES = "French German Italian Spanish Latin Greek Dutch Polish Russian Japanese".split()
VERBS = "open close start stop read write send find show move set get make add check clean book order lock count".split()
SYSTEMS = ["You are a helpful assistant.", "Be brief.", "You are Tokenmill, a small model.", "Answer shortly and exactly.",
           "You are a careful assistant. Follow the instructions.", "Help the user."]
NO_KNOWLEDGE = "I do not know. I am a small model and know only what is in our conversation."
NOT_IN_TEXT = "I do not know. The text does not say it."
NO_TOOL = "I do not have a tool for that."

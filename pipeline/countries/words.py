"""Words that decide what a state's name stands for in a sentence."""

BEGINS = r"(?<!\w)(?<!\w['’])"  # where a name may begin: after a quotation mark, and not in "d'Ivoire"
HONORIFICS = ("Mr.", "Mr", "Mrs.", "Mrs", "Ms.", "Ms", "Dr.")
KEPT = (  # places that hold a state's name and are not it
    "Latin America", "North America", "South America", "Central America", "Gulf of Mexico", "Gulf of Aden",
    "Gulf of Oman", "Sea of Oman", "Gulf of Guinea", "South China Sea", "East China Sea", "Sea of Japan",
    "Indian Ocean", "Philippine Sea", "Irish Sea", "New Mexico", "Lake Chad",
)  # fmt: skip
UNCLEAR = {  # capitals that are common words or names
    "Georgetown", "Hamilton", "Kingston", "Male", "Port Louis", "Roseau", "Santiago", "Victoria", "Wellington",
}  # fmt: skip
LIKE_YOU = (  # what takes "a", for all its vowel
    "Ukrain", "Ugand", "Urugu", "United", "UK", "US", "U.S", "UAE", "UN", "Euro",
)  # fmt: skip
NAMED_AFTER = {  # what follows a city's name in a name of its own: the Paris Agreement
    "Accord", "Accords", "Agenda", "Agreement", "Agreements", "Charter", "Club", "Consensus", "Convention",
    "Conventions", "Declaration", "Document", "Final", "Group", "Memorandum", "Pact", "Platform", "Process",
    "Protocol", "Round", "Statute", "Treaty",
}  # fmt: skip
NOUNS = {  # what "US" and the like stand before as an adjective does: the US government
    "administration", "aid", "aircraft", "allies", "ambassador", "armed", "army", "assistance", "authorities", "base",
    "bases", "border", "capital", "citizen", "citizens", "coast", "companies", "company", "congress", "consulate",
    "currency", "debt", "defense", "delegation", "department", "diplomat", "diplomats", "dollar", "economy",
    "election", "elections", "embassy", "envoy", "force", "forces", "foreign", "funding", "government", "house",
    "intelligence", "interests", "law", "laws", "leaders", "leadership", "marines", "market", "marshal", "military",
    "minister", "mission", "national", "nationals", "navy", "negotiators", "official", "officials", "parliament",
    "people", "policy", "position", "presence", "president", "prime", "proposal", "representative", "sanctions",
    "secretary", "senate", "senator", "senators", "ship", "ships", "side", "soldier", "soldiers", "special", "state",
    "support", "team", "territory", "trade", "treasury", "troops", "vessel", "vessels", "war", "warship", "warships",
    "weapons",
}  # fmt: skip
NO_NOUN = {  # what follows "the French" where it means the people
    "and", "are", "at", "but", "by", "can", "could", "did", "do", "for", "from", "had", "have", "in", "is", "may",
    "must", "of", "on", "or", "should", "to", "want", "were", "who", "will", "with", "would",
}  # fmt: skip

"""The description of the API, kept by hand in OpenAPI 3.1. A test holds it against the routes and their answers."""

from __future__ import annotations

from typing import Any

from webapp.training.orders import NETWORKS, TRAINING

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NOTHING: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": "integer"}
WHOLE_OR_NOTHING: Schema = {"type": ["integer", "null"]}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
YES_OR_NO: Schema = {"type": "boolean"}
NOT_NEGATIVE: Schema = {"type": "number", "minimum": 0}
MOMENT: Schema = {"type": "string", "format": "date-time"}
UUID: Schema = {"type": "string", "format": "uuid"}
FILE: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
TIMINGS: Schema = {"type": "object", "additionalProperties": NOT_NEGATIVE}
PROBLEM_MEDIA = "application/problem+json"


def fields(*optional: str, **properties: Schema) -> Schema:
    """An object whose properties are all required, but those named in `optional`."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def list_of(entry: Schema, **limits: int) -> Schema:
    return {"type": "array", "items": entry, **limits}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_CUTOUT = fields(url=TEXT, coverage=SHARE, fallback=YES_OR_NO, reason=TEXT)
_PRODUCT_IN_BRIEF: dict[str, Schema] = {
    "product_id": WHOLE,
    "brand": TEXT,
    "name": TEXT,
    "colorway": TEXT,
    "price_cents": WHOLE_OR_NOTHING,
    "currency": TEXT,
    "image_url": TEXT_OR_NOTHING,
}
_PRODUCT: dict[str, Schema] = {
    **_PRODUCT_IN_BRIEF,
    "label": TEXT,
    "style_code": TEXT,
    "site": TEXT,
    "gender": {"enum": ["men", "women", "kids", "unisex"]},
    "category": TEXT,
    "url": {"type": "string", "description": "the product in its shop; empty where no shop has brought it yet"},
    "first_seen_at": MOMENT,
    "last_seen_at": MOMENT,
    "retired": {**YES_OR_NO, "description": "true: hidden, since no shop shows it or an admin said so"},
    "merged_into": {**WHOLE_OR_NOTHING, "description": "the product that this one was merged into"},
    "offers": {**list_of(ref("Offer")), "description": "who sells it now, cheapest first"},
}

_SCRAPE_STATE: Schema = {"enum": ["queued", "running", "succeeded", "suspect", "failed", "cancelled", "undone"]}
_SCRAPE_COUNTS = ("pages", "listings", "new", "changed", "unchanged", "retired", "errors")
_MOMENT_OR_NOTHING: Schema = {"type": ["string", "null"], "format": "date-time"}

_INTERVAL: Schema = list_of({"type": "number"}, minItems=2, maxItems=2)
_PROVENANCE: Schema = {"enum": ["simulated", "imported"]}
_PREDICTED: dict[str, Schema] = {
    "probability": {**NOT_NEGATIVE, "description": "calibrated; cents where unit says so"},
    "interval": {**_INTERVAL, "description": "95 %, for the picture's own rate in this kind of e-mail"},
    "extrapolating": YES_OR_NO,
    "image_url": {**TEXT, "description": "the JPEG as an e-mail delivers it: what was scored"},
    "width": WHOLE,
    "height": WHOLE,
}
_RECOMMENDATION: Schema = fields(
    id=UUID,
    created_at=MOMENT,
    target=TEXT,
    direction={"enum": ["raise", "lower"]},
    unit={"enum": ["probability", "cents"]},
    provenance=_PROVENANCE,
    base_rate=NOT_NEGATIVE,
    base_interval=_INTERVAL,
    original=ref("Augment"),
    augments={**list_of(ref("Augment")), "description": "best first"},
    best_augment=TEXT_OR_NOTHING,
    too_close_to_call=YES_OR_NO,
    keep_original={**YES_OR_NO, "description": "true: no augment is better beyond doubt"},
    against_best_augment=ref("Comparison"),
    split_plan=list_of(fields(augment=TEXT, share=SHARE)),
    alternates={**list_of(ref("AlternatePicture")), "description": "best first"},
    best_alternate=WHOLE_OR_NOTHING,
    against_best_alternate=ref("Comparison"),
    extrapolating=YES_OR_NO,
    reasons=list_of(TEXT),
    evidence={**list_of(ref("PastSend")), "description": "the nearest past sends"},
    warnings=list_of(TEXT),
    question=fields(campaign_type=TEXT, industry=TEXT, sneaker_type=TEXT),
    picture=fields(source={"enum": ["catalogue", "upload"]}, product_id=WHOLE_OR_NOTHING, alt_text=TEXT),
    model=fields(
        id=TEXT,
        created_at=TEXT,
        bundle=TEXT,
        provenance=_PROVENANCE,
        rows=WHOLE,
        emails=WHOLE,
        products=WHOLE,
        beats_base_rate=YES_OR_NO,
    ),
    timings_ms=TIMINGS,
)

_TRAINING_SETTINGS: Schema = {
    "type": "object",
    "description": "what is left out is what is usual for the network",
    "properties": {name: {"type": ["string", "number", "boolean"]} for name in TRAINING}
    | {"network": {"enum": list(NETWORKS)}, "pictures": {**TEXT, "description": "catalogue, or a folder of pictures"}},
    "additionalProperties": False,
}

SCHEMAS: dict[str, Schema] = {
    "Problem": fields(type=TEXT, title=TEXT, status=WHOLE, detail=TEXT),
    "Match": fields(
        label=TEXT,
        probability=SHARE,
        product_id=WHOLE_OR_NOTHING,
        brand=TEXT,
        name=TEXT,
        colorway=TEXT_OR_NOTHING,
        image_url=TEXT_OR_NOTHING,
    ),
    "Alternate": fields(**_PRODUCT_IN_BRIEF, similarity={"type": "number", "minimum": -1, "maximum": 1}),
    "Cutout": _CUTOUT,
    "Photo": fields(url=TEXT, width=WHOLE, height=WHOLE, cutout=ref("Cutout")),
    "Identification": fields(
        id=UUID,
        created_at=MOMENT,
        bundle=TEXT,
        in_catalogue={**YES_OR_NO, "description": "false: probably no shoe of the catalogue"},
        matches={**list_of(ref("Match")), "description": "the likeliest labels first; probabilities are calibrated"},
        answer_set={
            **list_of(TEXT),
            "description": "the fewest labels that hold the right one with the probability answer_set_coverage",
        },
        answer_set_coverage=SHARE,
        alternates=list_of(ref("Alternate")),
        cutout=ref("Cutout"),
        photos=list_of(ref("Photo"), minItems=1, maxItems=4),
        timings_ms=TIMINGS,
    ),
    "Feedback": {
        **fields("label", "product_id", correct=YES_OR_NO, label=TEXT_OR_NOTHING, product_id=WHOLE_OR_NOTHING),
        "examples": [{"correct": True}, {"correct": False, "label": "vello_dart_low"}],
    },
    "Offer": fields(
        shop=TEXT, style_code=TEXT, url=TEXT, price_cents=WHOLE_OR_NOTHING, currency=TEXT, last_seen_at=MOMENT
    ),
    "Product": fields(**_PRODUCT),
    "Augment": fields(augment=TEXT, title=TEXT, alt_text=TEXT, caution=TEXT, **_PREDICTED),
    "AlternatePicture": fields(**{**_PRODUCT_IN_BRIEF, **_PREDICTED, "alt_text": TEXT}),
    "Comparison": {
        **fields(
            difference={"type": "number"},
            interval=_INTERVAL,
            too_close_to_call=YES_OR_NO,
            sends_to_settle={**WHOLE, "description": "e-mails that each of the two would need"},
        ),
        "type": ["object", "null"],
    },
    "PastSend": fields(
        picture=TEXT,
        augment=TEXT,
        similarity={"type": "number", "minimum": -1.001, "maximum": 1.001},
        campaign_type=TEXT,
        industry=TEXT,
        sneaker_type=TEXT,
        happened=WHOLE,
        emails=WHOLE,
        rate=NOT_NEGATIVE,
        provenance=_PROVENANCE,
    ),
    "Recommendation": _RECOMMENDATION,
    "RecommendationOptions": fields(
        targets=list_of(TEXT), campaign_types=list_of(TEXT), industries=list_of(TEXT), sneaker_types=list_of(TEXT)
    ),
    "Bundles": fields(
        on_duty=TEXT_OR_NOTHING,
        bundles=list_of(
            fields(
                id=TEXT,
                network=TEXT,
                labels=WHOLE,
                created_at=TEXT,
                found_in=TEXT,
                provenance=TEXT,
                metrics={"type": "object", "description": "by split"},
            )
        ),
        served={
            **list_of(fields(bundle=TEXT, since=MOMENT, until=_MOMENT_OR_NOTHING)),
            "description": "the latest first; what serves now has no end",
        },
    ),
    "OnDuty": fields(on_duty=TEXT),
    "TrainingSettings": _TRAINING_SETTINGS,
    "Training": fields(
        id=WHOLE,
        run={**TEXT_OR_NOTHING, "description": "the run's folder, once it has begun"},
        status={"enum": ["queued", "running", "succeeded", "failed", "cancelled", "interrupted"]},
        message=TEXT,
        settings=ref("TrainingSettings"),
        progress={
            **fields(words=TEXT, share={"type": ["number", "null"]}),
            "type": ["object", "null"],
        },
        numbers={"type": "object", "additionalProperties": {"type": "number"}},
        measured_on=TEXT,
    ),
    "Scrape": fields(
        id=WHOLE,
        site=TEXT,
        status=_SCRAPE_STATE,
        why={**TEXT, "description": "why it is suspect or has failed, or what came of it; empty before its end"},
        progress=fields(done=WHOLE, total={**WHOLE, "description": "0 as long as nobody knows"}, message=TEXT),
        counts=fields(**dict.fromkeys(_SCRAPE_COUNTS, WHOLE)),
        coverage={
            "type": "object",
            "additionalProperties": SHARE,
            "description": "the share of the listings that have a field",
        },
        created_at=MOMENT,
        started_at=_MOMENT_OR_NOTHING,
        finished_at=_MOMENT_OR_NOTHING,
    ),
    "ScrapeStarted": fields(id=WHOLE, status=_SCRAPE_STATE),
    "ProductPage": fields(products=list_of(ref("Product")), page=WHOLE, pages=WHOLE, total=WHOLE),
    "ProductDetail": fields(
        **_PRODUCT,
        images=list_of(fields(url=TEXT, angle_deg=WHOLE_OR_NOTHING, width=WHOLE, height=WHOLE)),
        alternates=list_of(ref("Alternate")),
    ),
}


def _answer(description: str, schema: str | None = None) -> Schema:
    if schema is None:
        return {"description": description}
    return {"description": description, "content": {"application/json": {"schema": ref(schema)}}}


def _problems(**described: str) -> Schema:
    """Problem answers by status, named s404="..." since a keyword cannot be a number. 429 can always happen."""
    described.setdefault("s429", "Too often; Retry-After says when to ask again")
    media = {PROBLEM_MEDIA: {"schema": ref("Problem")}}
    return {status[1:]: {"description": text, "content": media} for status, text in described.items()}


def _json_body(schema: Schema, *, required: bool = True) -> Schema:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _parameter(name: str, place: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": place, "schema": schema, "description": description, "required": place == "path"}


_ID = _parameter("identification_id", "path", UUID, "The id that the POST answered")
_DELETE_KEY = {
    **_parameter("Delete-Key", "header", TEXT, "The header of the POST's answer; a session or an admin needs none"),
    "required": False,
}
_PRODUCT_ID = _parameter("product_id", "path", WHOLE, "The id of a product")
_PHOTOS = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": fields(
                "training",
                photo={
                    **list_of(FILE, minItems=1, maxItems=4),
                    "description": "1 to 4 photos of the same shoe: JPEG, PNG, WebP, AVIF or HEIC, 16 MB each",
                },
                training={**TEXT, "description": "yes: models may be trained on the photos; else they may not"},
            )
        }
    },
}
_LISTING_PARAMETERS = [
    _parameter("query", "query", TEXT, "Words of brand, name, colorway or style code"),
    _parameter("brand", "query", TEXT, "Only this brand"),
    _parameter("gender", "query", TEXT, "Only for men, women, kids or unisex"),
    _parameter("category", "query", TEXT, "Only this category"),
    _parameter("sort", "query", TEXT, "How to sort"),
    _parameter("page", "query", {"type": "integer", "minimum": 1, "default": 1}, "Which page"),
    _parameter("per_page", "query", {"type": "integer", "minimum": 1, "maximum": 100}, "Products on a page"),
]

# Problems of routes that are for people of some roles; those that change something ask for proof that it is them.
_ROLES_ONLY = {"s401": "No token and no session, or a token that nobody has", "s403": "An account of another role"}
_ROLES_CHANGE = {**_ROLES_ONLY, "s400": "Not JSON, or a session without its CSRF token"}
_SENT_JSON = {"s413": "Too many bytes", "s415": "Not JSON"}

_QUESTION = {
    "target": {**TEXT, "description": "one of options' targets"},
    "campaign_type": TEXT,
    "industry": TEXT,
    "sneaker_type": {**TEXT, "description": "may be left out for a product: its category says it"},
}
_RECOMMENDATION_REQUEST = {
    "required": True,
    "content": {
        "application/json": {"schema": fields("sneaker_type", product_id=WHOLE, **_QUESTION)},
        "multipart/form-data": {"schema": fields(photo=FILE, **_QUESTION)},
    },
}

PATHS: dict[str, Schema] = {
    "/identifications": {
        "post": {
            "operationId": "identify",
            "summary": "Say which sneaker is in the photos",
            "requestBody": _PHOTOS,
            "responses": {
                "201": _answer("What the photos show", "Identification"),
                **_problems(
                    s400="Not a multipart form with the field photo",
                    s413="Too many bytes",
                    s415="Not an accepted image",
                    s422="An image that breaks a limit or is damaged, or too many photos",
                    s503="Full, or still loading; Retry-After says when to ask again",
                ),
            },
        }
    },
    "/identifications/{identification_id}": {
        "get": {
            "operationId": "readIdentification",
            "summary": "The same answer again",
            "parameters": [_ID],
            "responses": {
                "200": _answer("The answer", "Identification"),
                **_problems(s404="No such identification", s410="It was deleted"),
            },
        },
        "delete": {
            "operationId": "deleteIdentification",
            "summary": "Delete the photos, the answer and what was said about it",
            "parameters": [_ID, _DELETE_KEY],
            "responses": {
                "204": _answer("Deleted"),
                **_problems(
                    s400="From a browser's session, without its token",
                    s403="Not by who sent the photos",
                    s404="No such identification",
                    s410="It was deleted before",
                ),
            },
        },
    },
    "/identifications/{identification_id}/feedback": {
        "post": {
            "operationId": "giveFeedback",
            "summary": "Say whether the first match is right, and what it is instead; again replaces it",
            "parameters": [_ID],
            "requestBody": _json_body(ref("Feedback")),
            "responses": {
                "204": _answer("Stored"),
                **_problems(
                    **_SENT_JSON,
                    s400="Not JSON",
                    s404="No such identification",
                    s410="It was deleted",
                    s422="A label or product unknown to us",
                ),
            },
        }
    },
    "/products": {
        "get": {
            "operationId": "listProducts",
            "summary": "Search and browse the catalogue",
            "parameters": _LISTING_PARAMETERS,
            "responses": {
                "200": _answer("One page of products", "ProductPage"),
                **_problems(s422="A parameter with an unusable value"),
            },
        }
    },
    "/products/{product_id}": {
        "get": {
            "operationId": "readProduct",
            "summary": "A product with its images and alternates",
            "parameters": [_PRODUCT_ID],
            "responses": {"200": _answer("The product", "ProductDetail"), **_problems(s404="No such product")},
        }
    },
    "/recommendations": {
        "post": {
            "operationId": "recommend",
            "summary": "Say which variant of a picture an e-mail should carry. For marketers and admins",
            "requestBody": _RECOMMENDATION_REQUEST,
            "responses": {
                "200": _answer("Each variant with its probability, as it would be delivered", "Recommendation"),
                **_problems(
                    **_ROLES_CHANGE,
                    s413="Too many bytes",
                    s415="Neither JSON nor a form, or not an accepted image",
                    s422="A field with an unknown value (the detail names the allowed ones), a product or an image "
                    "that cannot be used",
                    s503="Full, still loading, or no conversion model yet; Retry-After says when to ask again",
                ),
            },
        }
    },
    "/recommendations/options": {
        "get": {
            "operationId": "listRecommendationOptions",
            "summary": "The allowed values of the fields. For marketers and admins",
            "responses": {
                "200": _answer("The allowed values", "RecommendationOptions"),
                **_problems(**_ROLES_ONLY),
            },
        }
    },
    "/bundles": {
        "get": {
            "operationId": "listBundles",
            "summary": "All bundles with their numbers, and what served when. For admins",
            "responses": {"200": _answer("The bundles", "Bundles"), **_problems(**_ROLES_ONLY)},
        }
    },
    "/bundles/{bundle_id}/publish": {
        "post": {
            "operationId": "publishBundle",
            "summary": "Put a bundle into service. For admins",
            "parameters": [_parameter("bundle_id", "path", TEXT, "The id of a bundle")],
            "responses": {
                "200": _answer("It serves", "OnDuty"),
                **_problems(**_ROLES_CHANGE, s404="No such bundle", s409="It cannot be put into service"),
            },
        }
    },
    "/bundles/rollback": {
        "post": {
            "operationId": "rollBackBundle",
            "summary": "Put the bundle that served before into service again. For admins",
            "responses": {
                "200": _answer("It serves", "OnDuty"),
                **_problems(**_ROLES_CHANGE, s409="There is none to go back to"),
            },
        }
    },
    "/trainings": {
        "post": {
            "operationId": "startTraining",
            "summary": "Start a training on the catalogue as it is. For admins",
            "requestBody": _json_body(ref("TrainingSettings"), required=False),
            "responses": {
                "202": _answer("It waits for the worker", "Training"),
                **_problems(**_ROLES_CHANGE, **_SENT_JSON, s422="A setting that cannot be used"),
            },
        }
    },
    "/trainings/{training_id}": {
        "get": {
            "operationId": "readTraining",
            "summary": "How far a training is. For admins",
            "parameters": [_parameter("training_id", "path", WHOLE, "The id that the POST answered")],
            "responses": {
                "200": _answer("The training", "Training"),
                **_problems(**_ROLES_ONLY, s404="No such training"),
            },
        }
    },
    "/scrapes": {
        "post": {
            "operationId": "startScrape",
            "summary": "Read a shop into the catalogue; one that is being read already is answered. For admins",
            "requestBody": _json_body({**fields(site=TEXT), "examples": [{"site": "demo"}]}),
            "responses": {
                "202": _answer("It waits or goes on", "ScrapeStarted"),
                **_problems(
                    **_ROLES_CHANGE,
                    **_SENT_JSON,
                    s409="Nobody has confirmed that this shop may be scraped, or it is switched off",
                    s422="An unknown shop; the detail names the known ones",
                ),
            },
        }
    },
    "/scrapes/{scrape_id}": {
        "get": {
            "operationId": "readScrape",
            "summary": "How a scrape goes, or went. For admins",
            "parameters": [_parameter("scrape_id", "path", WHOLE, "The id that the POST answered")],
            "responses": {
                "200": _answer("Status, progress and counts", "Scrape"),
                **_problems(**_ROLES_ONLY, s404="No such scrape"),
            },
        }
    },
    "/openapi.json": {
        "get": {
            "operationId": "readDescription",
            "summary": "This description",
            "responses": {"200": {"description": "OpenAPI 3.1"}, **_problems()},
        }
    },
}

DOCUMENT: Schema = {
    "openapi": "3.1.0",
    "info": {
        "title": "Solescope",
        "version": "1",
        "description": "Which sneaker is in a photo, and what looks like it. Errors are application/problem+json.",
    },
    "servers": [{"url": "/api/v1"}],
    "paths": PATHS,
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
    "security": [{}, {"token": []}],
}

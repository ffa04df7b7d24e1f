"""A few everyday sentences of each language, for measuring speed where an operator has no file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from translation.languages import LanguageTag

SAMPLES: Final[Mapping[LanguageTag, tuple[str, ...]]] = {
    LanguageTag.ZH_HANT: (
        "請問居留證到期以前要準備哪些文件？",
        "我先生的健保卡遺失了，應該到哪裡補辦？",
        "公司從上個月開始沒有付加班費。",
        "明天早上九點我要帶孩子去醫院打預防針。",
    ),
    LanguageTag.ZH_HANS: (
        "请问居留证到期以前要准备哪些文件？",
        "我先生的健保卡遗失了，应该到哪里补办？",
        "公司从上个月开始没有付加班费。",
        "明天早上九点我要带孩子去医院打预防针。",
    ),
    LanguageTag.EN: (
        "Which documents do I need before my residence permit expires?",
        "My husband lost his health insurance card. Where can he get a new one?",
        "The company has not paid overtime since last month.",
        "Tomorrow at nine I will take my child to the hospital for a vaccination.",
    ),
    LanguageTag.VI: (
        "Trước khi thẻ cư trú hết hạn, tôi cần chuẩn bị những giấy tờ gì?",
        "Chồng tôi bị mất thẻ bảo hiểm y tế, phải xin cấp lại ở đâu?",
        "Từ tháng trước, công ty không trả tiền làm thêm giờ.",
        "Chín giờ sáng mai tôi sẽ đưa con đến bệnh viện tiêm phòng.",
    ),
    LanguageTag.ID: (
        "Dokumen apa saja yang harus disiapkan sebelum izin tinggal saya habis?",
        "Kartu asuransi kesehatan suami saya hilang, di mana bisa mengurus yang baru?",
        "Sejak bulan lalu perusahaan tidak membayar uang lembur.",
        "Besok jam sembilan pagi saya akan membawa anak ke rumah sakit untuk imunisasi.",
    ),
    LanguageTag.TH: (
        "ก่อนบัตรถิ่นที่อยู่หมดอายุ ต้องเตรียมเอกสารอะไรบ้าง",
        "สามีทำบัตรประกันสุขภาพหาย ต้องไปขอใหม่ที่ไหน",
        "ตั้งแต่เดือนที่แล้ว บริษัทไม่จ่ายค่าล่วงเวลา",
        "พรุ่งนี้เก้าโมงเช้า ฉันจะพาลูกไปฉีดวัคซีนที่โรงพยาบาล",
    ),
    LanguageTag.KM: (
        "មុនពេលប័ណ្ណស្នាក់នៅផុតកំណត់ តើខ្ញុំត្រូវរៀបចំឯកសារអ្វីខ្លះ?",
        "ប្តីខ្ញុំបាត់កាតធានារ៉ាប់រងសុខភាព តើត្រូវទៅធ្វើថ្មីនៅឯណា?",
        "តាំងពីខែមុន ក្រុមហ៊ុនមិនបានបើកប្រាក់ថែមម៉ោងទេ។",
        "ស្អែកម៉ោងប្រាំបួនព្រឹក ខ្ញុំនឹងនាំកូនទៅមន្ទីរពេទ្យដើម្បីចាក់វ៉ាក់សាំង។",
    ),
}
